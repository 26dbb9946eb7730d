/** What a fault of the model is: a name in a script turned into something the World does instead of a good completion. */
import type { WrittenCall } from "../wording.ts";
import { type FaultSettings, type Settings, type Values, valuesOf } from "./setting.ts";

/** A sound stream as it would have been written: each event is its text on the wire. */
export interface SoundStream {
  /** One event per token. */
  readonly frames: readonly string[];
  /** What follows the last token at once. */
  readonly closing: string;
  /** From the arrival of the request. */
  readonly firstTokenMs: number;
  readonly gapMs: number;
}

/** Something written at an instant of a distorted stream. */
export interface Piece {
  /** After the piece before; of the first one after the arrival of the request. */
  readonly afterMs: number;
  /** ASCII. */
  readonly text: string;
  /** Tokens that are complete with this piece; 0 or 1. */
  readonly tokens: number;
  /** From this piece on the stream is not what it should be. */
  readonly odd?: true;
}

export type FaultAction =
  /** An error instead of any byte of an answer. */
  | {
      readonly does: "refuse";
      readonly status: number;
      readonly type: string;
      readonly code: string | null;
      readonly message: string;
      readonly retryAfterSeconds?: number;
      /** Only requests with a longer body meet the fault. */
      readonly overBytes?: number;
    }
  /** No byte at all until the client leaves. */
  | { readonly does: "hang" }
  /** The answer breaks off after so many tokens: as if it were over, with the connection, or with an error event. */
  | {
      readonly does: "break";
      readonly afterTokens: number;
      readonly how: "end" | "destroy" | "error-event";
      /** What of the next event is still written: nothing, part of its line, or the line up to the first byte of a character of two. */
      readonly torn?: "line" | "character";
      /** Calls are written although the end is not. */
      readonly withCalls?: boolean;
    }
  /** The calls of the completion are not what they should be; a runtime that says so to the model is asked for the same step again. */
  | { readonly does: "spoil"; readonly spoil: (calls: readonly WrittenCall[]) => readonly WrittenCall[] }
  /** The same answer, so much later. */
  | { readonly does: "delay"; readonly delayMs: number }
  /** An event comes twice: that of a token (from 1), or the one with the finish_reason. */
  | { readonly does: "repeat"; readonly event: "token" | "finish"; readonly token: number }
  /** The same events at other times or in other pieces; may never end. */
  | { readonly does: "distort"; readonly pieces: (stream: SoundStream) => Iterable<Piece> };

/** A fault as scripts can name it. */
export interface ModelFault {
  /** What happens, in a sentence. */
  readonly what: string;
  /** How the World's history proves that it was served. */
  readonly landing: string;
  /** What ends it. */
  readonly cure: string;
  readonly settings: Settings;
  /** Requests for the step that meet it where the script does not say. */
  readonly attempts: number | "all";
  /** Reads a script's settings; those that are missing take their defaults. */
  readonly act: (settings: FaultSettings) => FaultAction;
}

/** Makes a fault of a description whose settings are typed. */
export function modelFault<const All extends Settings>(
  fault: Omit<ModelFault, "settings" | "attempts" | "act"> & {
    readonly settings: All;
    readonly attempts?: number | "all";
    readonly act: (values: Values<All>) => FaultAction;
  },
): ModelFault {
  return {
    ...fault,
    attempts: fault.attempts ?? 1,
    act: (given) => fault.act(valuesOf(fault.settings, given)),
  };
}

/** Sentences that several faults share. */
export const LANDS = {
  denied: "`denied` follows the `ask`, stamped when the error was written or the client had left.",
  said: "`said` carries the kind; it is missing there if the client left before the fault began.",
} as const;
export const CURED = {
  attempts: "The next attempt, after as many as `attempts` says.",
  repair: "The next attempt, or the kinds of repair that `cure` names.",
} as const;

/** The setting of faults that begin after some tokens. */
export const tokensSetting = (otherwise: number) =>
  ({ type: "number", low: 0, high: 1_000_000, otherwise, about: "tokens that come as they should" }) as const;
