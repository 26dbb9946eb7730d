import { LANDS, modelFault } from "./fault.ts";

interface Refusal {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

/** The API's own words for each status. */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: { type: "invalid_request_error", code: null, message: "Invalid request." },
  401: {
    type: "invalid_request_error",
    code: "invalid_api_key",
    message:
      "Incorrect API key provided: any. You can find your API key at https://platform.openai.com/account/api-keys.",
  },
  429: {
    type: "requests",
    code: "rate_limit_exceeded",
    message: "Rate limit reached for requests. Please try again later.",
  },
  500: {
    type: "server_error",
    code: null,
    message: "The server had an error while processing your request. Sorry about that!",
  },
  503: {
    type: "server_error",
    code: null,
    message: "The engine is currently overloaded, please try again later.",
  },
};

/** The error of a request that is longer than the context. */
export const OVERFLOW: Refusal = {
  type: "invalid_request_error",
  code: "context_length_exceeded",
  message: "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.",
};

function refusalOf(status: number, code: string | undefined): Refusal {
  if (code === OVERFLOW.code) return OVERFLOW;
  const known = REFUSALS[status] ?? { type: "server_error", code: null, message: `Status ${status}.` };
  return code === undefined ? known : { ...known, code };
}

export const status = modelFault({
  what: "An error before the first byte, with Retry-After or without, in the API's own words: 429, 401, 400, 500, 503 or any other.",
  landing: LANDS.denied,
  cure: "The next attempt, after as many as `attempts` says, or one that has `waited`.",
  settings: {
    status: { type: "number", low: 400, high: 599, otherwise: 500, about: "of the response" },
    code: { type: "text", about: "of the error; context_length_exceeded brings that error's own words" },
    retryAfterSeconds: { type: "number", low: 0, high: 1_000_000, about: "without it the header is not there" },
  },
  act: ({ status: number, code, retryAfterSeconds }) => ({
    does: "refuse",
    status: number,
    ...refusalOf(number, code),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }),
});
