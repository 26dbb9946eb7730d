/**
 * Who is who inside the conversation: markers name a call, links prove memory.
 *
 * Both travel in content, since content is all that every runtime in every language carries unchanged. They are base 36
 * and underscore only, so they survive JSON escapes at any depth and the 40 characters that APIs allow for tool-call ids.
 */
import { fnv1a32, keyOf } from "./random.ts";

/** The longest marker, in bytes; OpenAI rejects tool-call ids of more than 40 characters. */
export const MARKER_MAX_BYTES = 40;

/** What a marker names. Turns and steps count from 1; step 0 is the user's input. */
export interface Marker {
  /** Session id: 1 to 16 characters of [0-9a-z]. */
  readonly session: string;
  readonly turn: number;
  /** The model call that this belongs to, from 1; 0 for the input of the turn. */
  readonly step: number;
  /** Index of the tool call within the step, from 0. In an input it names the kind of turn: see {@link INPUT_KINDS}. */
  readonly call: number;
  /** How often this step had been sold when this was written, from 1; 0 in an input. */
  readonly purchase: number;
}

/** What the `call` field of an input's marker says: an ordinary turn, or the short proof turn of the quiet phase. */
export const INPUT_KINDS = { ordinary: 0, proof: 1 } as const;

const MARKER =
  /D_([0-9a-z]{1,16})_([0-9a-z]{1,4})_([0-9a-z]{1,3})_([0-9a-z]{1,2})_([0-9a-z]{1,4})_([0-9a-z])(?![0-9a-z_])/;

const base36 = (value: number): string => value.toString(36);
const checkDigit = (body: string): string => base36(fnv1a32(body) % 36);

/** Writes a marker: `D_<session>_<turn>_<step>_<call>_<purchase>_<check>`, numbers in base 36. */
export function writeMarker(marker: Marker): string {
  const { session, turn, step, call, purchase } = marker;
  const body = `D_${session}_${base36(turn)}_${base36(step)}_${base36(call)}_${base36(purchase)}`;
  return `${body}_${checkDigit(body)}`;
}

/** The first well-formed marker in a text, or undefined. A wrong check digit makes it no marker. */
export function findMarker(text: string): Marker | undefined {
  const match = MARKER.exec(text);
  if (match === null) return undefined;
  const [whole, session, turn, step, call, purchase, check] = match as unknown as [string, ...string[]];
  if (session === undefined || checkDigit(whole.slice(0, -2)) !== check) return undefined;
  const number = (digits: string | undefined): number => Number.parseInt(digits ?? "0", 36);
  return { session, turn: number(turn), step: number(step), call: number(call), purchase: number(purchase) };
}

/** The marker that a text begins with (leading white space allowed), or undefined. */
export function markerAtStart(text: string): Marker | undefined {
  const start = text.trimStart().slice(0, MARKER_MAX_BYTES + 1);
  return start.startsWith("D_") && start.search(MARKER) === 0 ? findMarker(start) : undefined;
}

/**
 * The link token that ends the final answer of a turn: `L_<session>_<turn>_<hash>`. The hash chains over all earlier turns
 * of the session, so a runtime cannot make up a link that it has never been told.
 */
export function writeLink(seed: number, session: string, turn: number): string {
  let chain = keyOf(seed, "link", session);
  for (let n = 1; n <= turn; n++) chain = keyOf(chain, n);
  return `L_${session}_${base36(turn)}_${chain.toString(36).padStart(7, "0")}`;
}

/** Turn numbers of the session's genuine links in a request body, in the order in which they appear (repeats included). */
export function findLinks(seed: number, session: string, body: Buffer): number[] {
  const prefix = Buffer.from(`L_${session}_`);
  const found: number[] = [];
  for (let at = body.indexOf(prefix); at !== -1; at = body.indexOf(prefix, at + prefix.length)) {
    const token = /^[0-9a-z]{1,4}_[0-9a-z]{7}/.exec(
      body.toString("latin1", at + prefix.length, at + prefix.length + 12),
    )?.[0];
    const turn = token === undefined ? Number.NaN : Number.parseInt(token, 36);
    if (token !== undefined && `L_${session}_${token}` === writeLink(seed, session, turn)) found.push(turn);
  }
  return found;
}

/** A short fingerprint of a text for histories: FNV-1a-32 in base 36 and the length, so that answers compare without being stored. */
export function fingerprint(text: string): string {
  return `${fnv1a32(text).toString(36)}.${text.length.toString(36)}`;
}
