/**
 * Answer: what the values of a 200 say of a turn, taken one after the other: the one body of a plain answer, or the events of
 * a stream. Pure; where values come from, and when, is left to others (`mapping.ts`, `answer-stream.ts`).
 */
import type { Mapping } from "../runner.ts";
import { type JsonPath, parseJsonPath, valueAt } from "./json-path.ts";
import type { Outcome } from "./mapping.ts";

/** The value of a JSON text; undefined when it is none (keep-alives and plain text). */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The code of a turn that failed for good. */
export function codeOf(failure: unknown): string {
  if (typeof failure === "string") return failure;
  const code = valueAt(failure, ["code"]);
  return typeof code === "string" ? code : "unstated";
}

function textAt(value: unknown, path: JsonPath, raw: string): string | undefined {
  const found = valueAt(value, path);
  if (typeof found === "string") return found;
  // "$" also stands for backends that answer in plain text.
  return path.length === 0 ? raw : undefined;
}

/** A piece of text as it came. */
export interface Token {
  readonly text: string;
  /** The step of the turn to which it belongs, where the backend says so. */
  readonly step: number | undefined;
}

/** Reads one answer. */
export class AnswerReader {
  readonly #text: string;
  readonly #textPath: JsonPath;
  readonly #failedPath: JsonPath | null;
  readonly #tokenPath: JsonPath | null;
  readonly #pieces: string[] = [];
  #failed: string | null = null;

  constructor({ answer: { text, failed, token } }: Mapping) {
    this.#text = text;
    this.#textPath = parseJsonPath(text);
    this.#failedPath = failed === undefined ? null : parseJsonPath(failed);
    this.#tokenPath = token === undefined ? null : parseJsonPath(token);
  }

  /** Takes the next value, which may be a token, a part of the answer, both or neither. What follows a failure is not read. */
  take(raw: string): Token | undefined {
    if (this.#failed !== null) return undefined;
    const value = parsed(raw);
    const failure = this.#failedPath === null ? undefined : valueAt(value, this.#failedPath);
    if (failure !== undefined && failure !== null) {
      this.#failed = codeOf(failure);
      return undefined;
    }
    const piece = textAt(value, this.#textPath, raw);
    if (piece !== undefined) this.#pieces.push(piece);
    const token = this.#tokenPath === null ? piece : textAt(value, this.#tokenPath, raw);
    const step = this.#tokenPath === null ? undefined : valueAt(value, ["step"]);
    return token === undefined ? undefined : { text: token, step: typeof step === "number" ? step : undefined };
  }

  /** What all values together say. */
  outcome(): Outcome {
    if (this.#failed !== null) return { kind: "failed", code: this.#failed };
    return this.#pieces.length > 0
      ? { kind: "ok", output: this.#pieces.join("") }
      : { kind: "info", why: `answered without ${this.#text}` };
  }
}
