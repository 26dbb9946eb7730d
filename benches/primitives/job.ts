/** What one measured process is told to do, and what it tells of itself. */

/** Something that happens again and again, at random instants. */
export interface PartJob {
  /** "nothing": it only waits for turns. "tick": it wakes up as the others do and does nothing. */
  readonly does: "nothing" | "tick" | "ask" | "tool" | "post" | "commit";
  /** The threads do it instead of the main one, each its share. */
  readonly spread?: boolean;
  readonly perSecond: number;
  /** Bytes of conversation sent with each request to the model. */
  readonly conversationBytes: number;
  /** Threads that wait to be posted to. */
  readonly threads: number;
  /** Tokens of every answer to a client that reads along, one after the other. */
  readonly tokensOut: number;
  /** Rows of a statement. */
  readonly rows: number;
}

/** In the environment of the process, as JSON. */
export const JOB_VARIABLE = "PRIMITIVE_JOB";
/** The session whose turns are answered with the tally so far. */
export const TALLY_SESSION = "tally";

/** Since the tally before. */
export interface Tally {
  /** Done and over. */
  readonly done: number;
  /** Of each, from beginning to end, in milliseconds. */
  readonly tookMs: readonly number[];
}
