/**
 * Calibrate: the driver against servers whose truth is known, before every campaign and by itself.
 *
 * A machine that others share may lose one second to them. So a server whose table fails is measured once more, with the same
 * plan; both tables are kept and shown, and the server counts as measured rightly if either passed. An instrument that is off is
 * off both times. What two tries forgive is a machine that is disturbed now and then; what its trials met, their own lags say.
 */
import type { CalibrationRun, CalibrationTable } from "../calibration.ts";
import { decisiveTables } from "../calibration.ts";
import { TrialError } from "../errors.ts";
import type { KnownServer } from "./known-server.ts";
import { type CalibrationSite, measureParts, partsOf } from "./measure.ts";
import { tablesOf } from "./observed.ts";
import { SERVER_GROUPS, type ServerGroup } from "./servers/index.ts";

/** How many times the short form's load the full one has. */
const FULL_SCALE = 5;

export interface CalibrationOptions {
  readonly full: boolean;
  /** The trial that comes next, if any. */
  readonly beforeTrial: string | null;
  /** Default: all. */
  readonly groups?: readonly ServerGroup[];
  /** Told of each table as soon as it is known. */
  readonly onTable?: (table: CalibrationTable) => void;
}

/** Servers with their tables. */
type Measured = readonly { readonly server: KnownServer; readonly tables: readonly CalibrationTable[] }[];

async function measure(
  { warmUp, servers }: ServerGroup,
  attempt: number,
  site: CalibrationSite,
  { full, onTable }: CalibrationOptions,
): Promise<Measured> {
  const { parts, observation } = await measureParts(partsOf([warmUp, ...servers], full ? FULL_SCALE : 1), site);
  const compared = parts.filter(({ server }) => server !== warmUp);
  return compared.map((part) => {
    const tables = tablesOf(part, observation, attempt);
    for (const table of tables) onTable?.(table);
    return { server: part.server, tables };
  });
}

/** @throws Stopped when the signal said so; whatever else goes wrong is told in `problem` */
export async function calibrate(site: CalibrationSite, options: CalibrationOptions): Promise<CalibrationRun> {
  const tables: CalibrationTable[] = [];
  let problem: string | null = null;
  const noted: CalibrationOptions = {
    ...options,
    onTable: (table) => {
      tables.push(table);
      options.onTable?.(table);
    },
  };
  try {
    for (const group of options.groups ?? SERVER_GROUPS) {
      const first = await measure(group, 1, site, noted);
      const failed = first.filter((one) => one.tables.some(({ passed }) => !passed)).map(({ server }) => server);
      if (failed.length > 0) await measure({ ...group, servers: failed }, 2, site, noted);
    }
  } catch (error) {
    if (!(error instanceof TrialError)) throw error;
    problem = error.message;
  }
  return {
    beforeTrial: options.beforeTrial,
    recorded: new Date().toISOString().slice(0, 10),
    pinned: site.cores !== null,
    passed: problem === null && decisiveTables(tables).every(({ passed }) => passed),
    tables,
    problem,
  };
}
