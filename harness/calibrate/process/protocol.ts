/** What a calibration and the process of its scripted servers say to each other. The process ends when the channel closes. */

/** One request as the server saw it. Trial time in milliseconds. */
export interface Served {
  readonly session: string;
  readonly turn: number;
  readonly attempt: number;
  readonly arrivedMs: number;
  /** After the whole answer was handed to the socket, or the connection was reset. */
  readonly endedMs: number;
}

/** A stretch in which the server's process did nothing although it should have looked for requests. */
export interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

export type ToServers =
  | { readonly type: "settings"; readonly zeroMs: number }
  /** When the part of each server starts, in trial time. */
  | { readonly type: "begin"; readonly startsMs: Readonly<Record<string, number>> }
  | { readonly type: "stop" };
export type FromServers =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "stopped"; readonly served: readonly Served[]; readonly stalls: readonly Stall[] }
  | { readonly type: "failed"; readonly reason: string };
