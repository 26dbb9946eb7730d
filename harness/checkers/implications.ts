/**
 * Implications: one wrong is seen by several checkers. Where the checker on the left finds one, those on the right may find the same
 * thing as well, and are no second wrong. Whoever plants a fault to see it found compares with this.
 */
import type { CheckerId } from "./index.ts";

export const IMPLIES = {
  // A lost turn is gone from every later read, from what the model is shown, and from what a redeploy left.
  C1: ["C4", "C5", "C12", "C13", "C18"],
  // A phantom that is taken for a turn moves what stands behind it, and nobody sold its answer.
  C2: ["C3", "C4", "C15"],
  // A second answer differs from the first read, from what was sold, and is bought.
  C3: ["C4", "C7", "C10", "C15"],
  // What a later read no longer begins with is lost, forgotten, or shown in another order.
  C4: ["C1", "C3", "C5", "C10", "C13", "C18"],
  C5: ["C4"],
  // An effect that is doubled or missing is not the one in the transcript.
  C6: ["C19"],
  // Bought again for nothing: two purchases, two sets of calls, a timer that counts anew.
  C7: ["C3", "C6", "C14", "C19"],
  // Two live writers buy, act and answer twice, and overwrite each other.
  C8: ["C1", "C3", "C4", "C5", "C6", "C7", "C9", "C10", "C18", "C19"],
  // What a superseded owner leaves stands in place of its successor's.
  C9: ["C1", "C3", "C4", "C6", "C7", "C8", "C10", "C18", "C19"],
  // Whoever acts before the cause answers what was not sold, or does not do what was asked for.
  C10: ["C2", "C4", "C6", "C14", "C15", "C18", "C19"],
  // A session that is stuck never answers what was pending at a redeploy.
  C12: ["C13"],
  // A redeploy that loses something loses acknowledged turns, conversations or pending turns.
  C13: ["C1", "C4", "C5", "C12", "C18"],
  // A timer that fires twice buys the next step twice.
  C14: ["C3", "C7", "C10"],
  // An answer that was not sold is a half one, or another one than is read, or comes before its cause.
  C15: ["C2", "C3", "C4", "C10"],
  C16: [],
  C17: [],
  // A model that is shown less forgets; what it is shown twice or in another order stands so in the transcript.
  C18: ["C1", "C10", "C12", "C13"],
  // The effect of a completion that the transcript does not tell of was often applied twice.
  C19: ["C6"],
} as const satisfies Readonly<Record<CheckerId, readonly CheckerId[]>>;

/** The checkers that may find what these must find, besides them. */
export function mayAlsoFind(found: readonly CheckerId[]): ReadonlySet<CheckerId> {
  const implied = found.flatMap((id): readonly CheckerId[] => IMPLIES[id]);
  return new Set(implied.filter((id) => !found.includes(id)));
}
