/** What a measured process is told to do, and what it tells of itself. */

/**
 * What can happen again and again, at random instants. "tick": it wakes up as for the others and does nothing; "ask" and "brief": requests
 * to the model, for an answer of everyday length and for one of a single piece.
 */
export const KINDS = ["tick", "ask", "brief", "tool", "post", "commit"] as const;
export type Kind = (typeof KINDS)[number];

/** What a process does until it is told otherwise. */
export interface Doing {
  /** Of each kind, how often per second. */
  readonly rates: Readonly<Partial<Record<Kind, number>>>;
  /** Bytes of conversation sent with each request to the model. */
  readonly conversationBytes: number;
  /** The threads ask the model instead of the main one, each its share. */
  readonly spread: boolean;
  /** In which every turn is answered, one after the other, whether or not its client reads along. */
  readonly pieces: number;
  /** Threads make the pieces and pass them on. */
  readonly piecesFromThreads: boolean;
}

/** What does not change while a process lives. */
export interface PartJob {
  /** Threads beside the main one. */
  readonly threads: number;
  /** Rows of a commit. */
  readonly rows: number;
}

/** In the environment of the process, as JSON. */
export const JOB_VARIABLE = "PRIMITIVE_JOB";
/** The session whose turns hold what to do from now on, as JSON, or nothing new, and are answered with the tally so far. */
export const SWITCH_SESSION = "switch";
/** In the conversation of a brief request. */
export const BRIEFLY = "briefly";
/** Between two pieces: as fast as the model of a trial says them. */
export const PIECE_GAP_MS = 20;
/** As long as the answers and inputs of a trial. */
export const TEXT = "please check the status of my order again today, and tell me what you have found about it ";

/** Since the tally before. */
export interface Tally {
  /** Done and over, of each kind. */
  readonly done: Readonly<Record<Kind, number>>;
  /** Of each commit, from beginning to end, in milliseconds. */
  readonly commitsMs: readonly number[];
}
