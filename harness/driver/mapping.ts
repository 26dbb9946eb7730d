/**
 * Mapping: how a turn becomes an HTTP request of some backend, and what its response says about the turn.
 *
 * Promises: pure functions over the data of a `Mapping`; the contract of runners/CONTRACT.md is one such mapping. A response
 * is read as "accepted", "certainly not accepted" or "nobody knows", never more surely than its bytes allow.
 * Leaves to others: sending (`client.ts`), asking again (`turn.ts`), checking what runner.json holds before a trial.
 */
import { UsageError } from "../errors.ts";
import type { StreamSeen } from "../history.ts";
import { fingerprint } from "../identity.ts";
import type { Mapping, RunnerFile } from "../runner.ts";
import { AnswerReader, codeOf, parsed } from "./answer.ts";
import { eventValues } from "./event-stream.ts";
import { parseJsonPath, valueAt } from "./json-path.ts";

/** The contract of runners/CONTRACT.md as a mapping. */
export const CONTRACT_MAPPING: Mapping = {
  request: "PUT /sessions/{session}/turns/{turn}",
  body: { input: "{input}" },
  answer: { text: "$.output", failed: "$.failed" },
  refused: [409, 503],
  read: { request: "GET /sessions/{session}", turns: "$.turns" },
};

/** The same where the client reads along: `token` events, then `result` with the plain body. */
export const CONTRACT_STREAM_MAPPING: Mapping = {
  ...CONTRACT_MAPPING,
  answer: { ...CONTRACT_MAPPING.answer, sse: "data", token: "$.text" },
};

/** How turns of a runner are asked for: plainly, and as a stream where it offers one. */
export function mappingsOf({ turn, promises }: Pick<RunnerFile, "turn" | "promises">): {
  readonly mapping: Mapping;
  readonly streamMapping?: Mapping;
} {
  if (turn !== undefined) return { mapping: turn, ...(turn.answer.sse !== undefined && { streamMapping: turn }) };
  return { mapping: CONTRACT_MAPPING, ...(promises.streaming === true && { streamMapping: CONTRACT_STREAM_MAPPING }) };
}

/** What a mapping fills in. */
export interface AskedTurn {
  readonly session: string;
  readonly turn: string;
  readonly input: string;
}

/** A request as the client sends it; header names are lower case. */
export interface BackendRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** A response that was read whole. */
export interface BackendResponse {
  readonly status: number;
  /** Retry-After in milliseconds, where it was given and made sense. */
  readonly retryAfterMs?: number;
  /** Empty where somebody else read it while it came. */
  readonly body: string;
  /** Set where the body went to a reader, chunk by chunk. */
  readonly streamed?: true;
}

/**
 * How one attempt ended. `fail`: certainly not accepted; `info`: nobody knows. Both carry the Retry-After of the response, if any.
 */
export type Outcome =
  | { readonly kind: "ok"; readonly output: string; readonly stream?: StreamSeen }
  | { readonly kind: "failed"; readonly code: string }
  | { readonly kind: "fail" | "info"; readonly why: string; readonly retryAfterMs?: number };

/** A turn in a history's read event: turn, fingerprint of the input, fingerprint of the output or "!" and the code of a failed turn. */
export type TurnRead = readonly [turn: string, input: string, output: string];

const DEFAULT_REFUSED: readonly number[] = [409, 503];

function fill(template: string, values: Readonly<Record<string, string>>): string {
  // One pass with a function, so that braces or dollar signs in an input stay what they are.
  return template.replace(/\{(session|turn|input)\}/g, (whole, name: string) => values[name] ?? whole);
}

function fillBody(template: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof template === "string") return fill(template, values);
  if (Array.isArray(template)) return template.map((item) => fillBody(item, values));
  if (template === null || typeof template !== "object") return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fillBody(value, values)]));
}

function splitRequest(request: string, values: Readonly<Record<string, string>>): { method: string; path: string } {
  const match = /^([A-Z]+) (\/\S*)$/.exec(request);
  const [, method, path] = match ?? [];
  if (method === undefined || path === undefined) {
    throw new UsageError(`"${request}" is not a request. Expected the form "POST /api/chat".`);
  }
  const encoded = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]));
  return { method, path: fill(path, encoded) };
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * The mapping with every `{env.NAME}` of its headers filled in, so that secrets stay out of files.
 * Throws UsageError naming every variable that is not set, and every request or path that is malformed.
 */
export function resolveMapping(mapping: Mapping, env: Readonly<Record<string, string | undefined>>): Mapping {
  const problems: string[] = [];
  const resolve = (value: string): string =>
    value.replace(/\{env\.([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = env[name];
      if (found === undefined)
        problems.push(`A header of the mapping needs the environment variable ${name}, which is not set.`);
      return found ?? "";
    });
  const headers = Object.fromEntries(
    Object.entries(mapping.headers ?? {}).map(([name, value]) => [name, resolve(value)]),
  );
  const { text, failed, token } = mapping.answer;
  const paths = [text, failed, token, mapping.read?.turns].filter((path) => path !== undefined);
  const requests = [mapping.request, mapping.read?.request].filter((request) => request !== undefined);
  for (const check of [
    ...paths.map((path) => () => void parseJsonPath(path)),
    ...requests.map((request) => () => void splitRequest(request, {})),
  ]) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new UsageError(problems);
  return { ...mapping, headers };
}

/** The request that offers a turn. */
export function turnRequest(mapping: Mapping, turn: AskedTurn): BackendRequest {
  const values = { session: turn.session, turn: turn.turn, input: turn.input };
  const body = mapping.body === undefined ? null : JSON.stringify(fillBody(mapping.body, values));
  const headers = {
    accept: mapping.answer.sse === undefined ? "application/json" : "text/event-stream",
    ...(body === null ? {} : { "content-type": "application/json" }),
    ...lowerCaseNames(mapping.headers ?? {}),
    ...(mapping.key === undefined ? {} : { [mapping.key.header.toLowerCase()]: fill(mapping.key.value, values) }),
  };
  return { ...splitRequest(mapping.request, values), headers, body };
}

/** The request that reads a session back, or null where the backend has none. */
export function readRequest(mapping: Mapping, session: string): BackendRequest | null {
  if (mapping.read === null || mapping.read === undefined) return null;
  const headers = { accept: "application/json", ...lowerCaseNames(mapping.headers ?? {}) };
  return { ...splitRequest(mapping.read.request, { session }), headers, body: null };
}

/** What a whole response says about the turn that was asked for. */
export function outcomeOf(mapping: Mapping, response: BackendResponse): Outcome {
  const { status, retryAfterMs } = response;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  // Some frameworks answer every POST with 201.
  if (status === 200 || status === 201) return answerOf(mapping, response.body);
  const refused = (mapping.refused ?? DEFAULT_REFUSED).includes(status);
  // A 503 without Retry-After also comes from proxies that lost the answer of a backend which did the work.
  if (refused && (status !== 503 || retryAfterMs !== undefined))
    return { kind: "fail", why: `status ${status}`, ...wait };
  return { kind: "info", why: `status ${status}`, ...wait };
}

function answerOf(mapping: Mapping, body: string): Outcome {
  const { sse } = mapping.answer;
  const reader = new AnswerReader(mapping);
  for (const raw of sse === undefined ? [body] : eventValues(body, sse)) reader.take(raw);
  return reader.outcome();
}

/** The finished turns that a read shows, in its order; undefined when the body is not of the promised form. */
export function turnsRead(mapping: Mapping, body: string): TurnRead[] | undefined {
  if (mapping.read === null || mapping.read === undefined) return undefined;
  const turns = valueAt(parsed(body), parseJsonPath(mapping.read.turns));
  if (!Array.isArray(turns)) return undefined;
  const read: TurnRead[] = [];
  for (const item of turns) {
    const turn = valueAt(item, ["turn"]);
    const input = valueAt(item, ["input"]);
    const output = valueAt(item, ["output"]);
    const failed = valueAt(item, ["failed"]);
    const ended =
      typeof output === "string" ? fingerprint(output) : failed === undefined ? undefined : `!${codeOf(failed)}`;
    if ((typeof turn !== "string" && typeof turn !== "number") || typeof input !== "string" || ended === undefined)
      return undefined;
    read.push([String(turn), fingerprint(input), ended]);
  }
  return read;
}

/**
 * Retry-After in milliseconds: seconds, or a date (RFC 9110, 10.2.3). Undefined when absent or malformed.
 * @param dateMs the present as milliseconds since 1970, against which a date counts.
 */
export function retryAfterMs(header: string | undefined, dateMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) || !/[A-Za-z]/.test(header) ? undefined : Math.max(0, date - dateMs);
}
