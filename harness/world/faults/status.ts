import { type FaultSettings, numberIn, type WorldFault } from "./fault.ts";

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

const OVERFLOW: Refusal = {
  type: "invalid_request_error",
  code: "context_length_exceeded",
  message: "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.",
};

function refusalOf(status: number, settings: FaultSettings): Refusal {
  if (settings.code === OVERFLOW.code) return OVERFLOW;
  const known = REFUSALS[status] ?? { type: "server_error", code: null, message: `Status ${status}.` };
  return typeof settings.code === "string" ? { ...known, code: settings.code } : known;
}

/** An error before the first byte: `{ status, code?, retryAfterSeconds? }`, by default 500. Code context_length_exceeded is an overflow. */
export const status: WorldFault = (settings) => {
  const number = numberIn(settings, "status", 500);
  const retryAfterSeconds = numberIn(settings, "retryAfterSeconds", -1);
  return {
    does: "refuse",
    status: number,
    ...refusalOf(number, settings),
    ...(retryAfterSeconds < 0 ? {} : { retryAfterSeconds }),
  };
};
