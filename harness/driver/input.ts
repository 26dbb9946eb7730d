/** Input: what a user says in a turn. It begins with the marker by which the World recognises the turn. */
import { INPUT_KINDS, writeMarker } from "../identity.ts";
import { randomOf } from "../random.ts";
import type { TurnKind } from "./turn.ts";

const WORDS = (
  "please check order parcel refund ticket invoice address again today tomorrow update cancel change thanks number " +
  "where when status report summary meeting travel hotel flight booking price offer stock weather question"
).split(" ");

/** The input of a turn: marker, space, three to nine words. The same seed, session and turn give the same text. */
export function inputText(seed: number, session: string, turn: number, kind: TurnKind): string {
  const random = randomOf(seed, "input", session, turn);
  const count = 3 + Math.floor(random() * 7);
  const words = Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]);
  // The World plays the same short script for an opening turn as for a proof.
  const call = kind === "ordinary" ? INPUT_KINDS.ordinary : INPUT_KINDS.proof;
  const marker = writeMarker({ session, turn, step: 0, call, purchase: 0 });
  return `${marker} ${words.join(" ")}`;
}
