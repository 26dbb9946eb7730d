/** What can be set from outside, and what it is where nothing is set. `README.md` tells what each means and why it is what it is. */

/** How the database is used. */
export interface StoreSettings {
  /** Connections to Postgres, from 1. */
  readonly connections: number;
  /** Batches of changes that are committed at the same time, from 1. */
  readonly batchesInFlight: number;
  /** Changes that one batch holds at most, from 1. */
  readonly mostPerBatch: number;
}

export interface Settings extends StoreSettings {
  /** A session without events for this long leaves memory. */
  readonly idleMs: number;
  readonly mostResumptions: number;
  /** The model is asked while the input, or a tool's result, is still being committed. */
  readonly askAhead: boolean;
}

/** The variable of each setting, its default, and its range. */
const VARIABLES = {
  connections: { name: "POSTGRES_CONNECTIONS", value: 6, least: 1, most: 1000 },
  batchesInFlight: { name: "BATCHES_IN_FLIGHT", value: 2, least: 1, most: 1000 },
  mostPerBatch: { name: "MOST_PER_BATCH", value: 64, least: 1, most: 10_000 },
  idleMs: { name: "IDLE_EVICTION_MS", value: 60_000, least: 1, most: 2 ** 31 - 1 },
  mostResumptions: { name: "MOST_RESUMPTIONS", value: 20, least: 0, most: 1_000_000 },
  askAhead: { name: "ASK_AHEAD", value: 1, least: 0, most: 1 },
} as const satisfies Record<
  keyof Settings,
  { readonly name: string; readonly value: number; readonly least: number; readonly most: number }
>;

/** Reads them from an environment. @throws Error that names every variable that is no whole number in its range */
export function settingsFrom(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const read = (setting: keyof Settings): number => {
    const { name, value, least, most } = VARIABLES[setting];
    const given = environment[name];
    if (given === undefined) return value;
    const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (!(number >= least && number <= most))
      problems.push(`${name} takes a whole number from ${least} to ${most}, not "${given}".`);
    return number;
  };
  const settings = {
    connections: read("connections"),
    batchesInFlight: read("batchesInFlight"),
    mostPerBatch: read("mostPerBatch"),
    idleMs: read("idleMs"),
    mostResumptions: read("mostResumptions"),
    askAhead: read("askAhead") === 1,
  };
  if (problems.length > 0) throw new Error(problems.join(" "));
  return settings;
}
