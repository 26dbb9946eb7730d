/** What a fault of the model is: a name in a script turned into something the World does instead of a good completion. */
import type { WrittenCall } from "../wording.ts";

/** Settings of a fault as the script writes them. */
export type FaultSettings = Readonly<Record<string, string | number | boolean>>;

export type FaultAction =
  /** An error instead of any byte of an answer. */
  | {
      readonly does: "refuse";
      readonly status: number;
      readonly type: string;
      readonly code: string | null;
      readonly message: string;
      readonly retryAfterSeconds?: number;
    }
  /** No byte at all until the client leaves. */
  | { readonly does: "hang" }
  /** The answer breaks off after so many tokens: as if it were over, with the connection, or with an error event. */
  | {
      readonly does: "break";
      readonly afterTokens: number;
      readonly how: "end" | "destroy" | "error-event";
    }
  /** The calls of the completion are not what they should be; a runtime that says so to the model is asked for the same step again. */
  | { readonly does: "spoil"; readonly spoil: (calls: readonly WrittenCall[]) => readonly WrittenCall[] };

/** Reads a script's settings; settings that are missing take the default that stands in the fault's file. */
export type WorldFault = (settings: FaultSettings) => FaultAction;

/** A number among the settings, or the default. */
export function numberIn(settings: FaultSettings, name: string, otherwise: number): number {
  const value = settings[name];
  return typeof value === "number" ? value : otherwise;
}
