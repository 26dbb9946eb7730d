/** What a simulated runtime and the simulated World say to each other, stripped of HTTP. */
import type { ResolvedCall } from "../world/script.ts";

/** A call of a tool as the model named it. */
export interface NamedCall extends ResolvedCall {
  /** Of the completion that names it. */
  readonly purchase: number;
  readonly step: number;
  readonly index: number;
  /** The arguments are broken off in the middle. */
  readonly garbled?: true;
}

/** What a request for the model ends in: the turn's input, or the results of the newest calls. */
export type LastMessage =
  | { readonly kind: "input"; readonly input: string }
  | {
      readonly kind: "results";
      readonly step: number;
      readonly calls: readonly NamedCall[];
      readonly results: readonly string[];
    };

export interface ModelRequest {
  /** Number in the address: which start of which process is speaking. */
  readonly incarnation: number;
  readonly session: string;
  readonly turn: number;
  readonly proof: boolean;
  readonly last: LastMessage;
  /** All text of the conversation before this turn. */
  readonly before: string;
}

/** What came back. A stream that broke off in order is an answer that is not `finished`. */
export type ModelAnswer =
  | {
      readonly status: 200;
      readonly finished: boolean;
      readonly step: number;
      readonly purchase: number;
      readonly text: string;
      readonly calls: readonly NamedCall[];
    }
  | { readonly status: 400 | 401 | 429 | 500 | 503; readonly code: string | null; readonly retryAfterMs?: number };

export interface ToolRequest {
  readonly incarnation: number;
  readonly session: string;
  readonly turn: number;
  readonly call: NamedCall;
  readonly key?: string;
  readonly fence?: number;
}
export interface ToolAnswer {
  readonly status: number;
  readonly body: string;
}
