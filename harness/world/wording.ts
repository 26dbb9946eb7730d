/**
 * What completions say: pure functions of the seed and of what was sold, so that a judge can recompute every answer.
 *
 * Two purchases of a step differ in words, ids and arguments, as two answers of a real model do. All words are plain ASCII
 * letters, so that the frames of a stream need no JSON escapes and text length is byte length.
 */
import { writeLink, writeMarker } from "../identity.ts";
import { randomOf } from "../random.ts";
import type { ResolvedCall } from "./script.ts";

/** One completion of one step. */
export interface Sale {
  readonly seed: number;
  readonly session: string;
  readonly turn: number;
  readonly step: number;
  /** From 1; always 1 where the scenario says `rebuy: "same"`. */
  readonly purchase: number;
}

/** One tool call as the model writes it. */
export interface WrittenCall {
  readonly id: string;
  readonly name: string;
  /** JSON text in the general case; garbage under a fault. */
  readonly arguments: string;
}

const WORDS = (
  "about above after again along among answer around before between change check clear close could detail early either " +
  "every figure first follow found further given ground half hand having inside large later learn left light likely " +
  "little local long matter mean might moment more most much near never next noted often open order other part place " +
  "plain point quite rather reason right round same second seems several short should simple since small some start " +
  "state still such table taken their there these thing think those three today together under until usual value very " +
  "water week well where which while whole within without work would write year yet"
).split(" ");

/** The same strings for all streams, since thousands of streams hold hundreds of words each. */
const SPACED_WORDS = WORDS.map((word) => ` ${word}`);

function words({ seed, session, turn, step, purchase }: Sale, count: number): string[] {
  const random = randomOf(seed, session, turn, step, "words", purchase);
  const said: string[] = [];
  while (said.length < count) {
    const list = said.length === 0 ? WORDS : SPACED_WORDS;
    said.push(list[Math.floor(random() * list.length)] as string);
  }
  return said;
}

/**
 * The tokens of a completion, one per content frame.
 * @param tokens how many, from 1
 * @param final the step ends the turn: its last token is the marker of the step and the link of the turn
 */
export function completionTokens(sale: Sale, tokens: number, final: boolean): string[] {
  if (!final) return words(sale, tokens);
  const said = words(sale, tokens - 1);
  const { seed, session, turn, step, purchase } = sale;
  const marker = writeMarker({ session, turn, step, call: 0, purchase });
  said.push(`${tokens === 1 ? "" : " "}${marker} ${writeLink(seed, session, turn)}`);
  return said;
}

/** The whole text of a final answer, as the runtime should give it to the client. */
export function finalText(sale: Sale, tokens: number): string {
  return completionTokens(sale, tokens, true).join("");
}

/** The tool calls of a completion: their ids are markers, and each one's arguments hold the same marker as `mark`. */
export function writtenCalls(sale: Sale, calls: readonly ResolvedCall[]): WrittenCall[] {
  const { session, turn, step, purchase } = sale;
  return calls.map((call, index) => {
    const id = writeMarker({ session, turn, step, call: index, purchase });
    return { id, name: call.tool, arguments: JSON.stringify({ ...call.arguments, mark: id }) };
  });
}
