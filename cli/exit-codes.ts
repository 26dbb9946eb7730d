/** What the exit code of a command says. */
export const EXIT = {
  ok: 0,
  /** A promise was broken, a runner does not conform, or a candidate is worse than it may be. */
  broken: 1,
  /** The gate cannot tell. */
  inconclusive: 3,
  /** The command was not understood, or what it asks for cannot be done here. */
  refused: 2,
  /** Stopped by Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const;
