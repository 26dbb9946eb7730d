/**
 * Calibration: what was found when the driver was set on servers whose every answer is known beforehand.
 * Data only; `calibrate/` measures it, the campaign's folder keeps it (calibration.json), reports show it.
 */

/** How far a figure may be off: p50 and p99 by a share of the truth, the largest value by milliseconds. */
export const CALIBRATION_LIMITS = { p50: 0.01, p99: 0.02, maxMs: 5 } as const;

/** The figures that are compared with the truth. */
export type CalibrationFigure = "p50" | "p99" | "max";

/** One figure of one table: nearest rank over the measured latencies against the same rank over the true ones. Milliseconds. */
export interface CalibrationRow {
  readonly figure: CalibrationFigure;
  readonly trueMs: number;
  readonly measuredMs: number;
  /** measured − true. */
  readonly errorMs: number;
  /** The error may be this large, either way. */
  readonly limitMs: number;
  /** The truth with the server's own recorded lateness in it: what an ideal client would have seen of what the server really did. */
  readonly servedMs: number;
  readonly passed: boolean;
  /** Of a row that failed: "server" when what the server really did explains it, else "driver" (and what lies between them). */
  readonly fault: "server" | "driver" | null;
}

/** Quantiles of an error per turn, in milliseconds. */
export interface ErrorQuantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** One server, measured once. */
export interface CalibrationTable {
  /** What the server does, for example "constant 100 ms". */
  readonly server: string;
  /** Which try, from 1: a server whose table fails is measured once more, and both tables are kept. */
  readonly attempt: number;
  /** Latencies that were compared. */
  readonly turns: number;
  /** Planned turns without an answer at the end; with one of them the table fails. */
  readonly unanswered: number;
  readonly rows: readonly CalibrationRow[];
  /** measured − true, turn by turn. */
  readonly errorMs: ErrorQuantiles;
  /** How late the server itself answered, turn by turn. */
  readonly serverLateMs: ErrorQuantiles;
  readonly passed: boolean;
}

/** One calibration: every server, and again those that had failed. */
export interface CalibrationRun {
  /** The trial it went before; null when it was run by itself. */
  readonly beforeTrial: string | null;
  /** Day, YYYY-MM-DD. */
  readonly recorded: string;
  /** Whether harness and server had cores of their own. */
  readonly pinned: boolean;
  /** Every server has a table that passed, and nothing broke. */
  readonly passed: boolean;
  readonly tables: readonly CalibrationTable[];
  /** Why it could not be carried out to its end, in a sentence; null if it was. */
  readonly problem: string | null;
}

/** All calibrations of a campaign: one before its first trial, and one each time it was resumed. */
export interface CalibrationSummary {
  readonly passed: boolean;
  readonly runs: readonly CalibrationRun[];
}

/** The summary of a campaign's calibrations; null where there was none. */
export function summarizeCalibrations(runs: readonly CalibrationRun[]): CalibrationSummary | null {
  return runs.length === 0 ? null : { passed: runs.every(({ passed }) => passed), runs };
}

/** Of each server the table that counts: one that passed if there is any, else the last. In the order of first measuring. */
export function decisiveTables(tables: readonly CalibrationTable[]): CalibrationTable[] {
  const chosen = new Map<string, CalibrationTable>();
  for (const table of tables) if (chosen.get(table.server)?.passed !== true) chosen.set(table.server, table);
  return [...chosen.values()];
}

/** The rows of one figure, of the tables that count. */
const rowsOf = (tables: readonly CalibrationTable[], wanted: CalibrationFigure): CalibrationRow[] =>
  tables.flatMap(({ rows }) => rows.filter(({ figure }) => figure === wanted));

const percent = (share: number): string => `${(share * 100).toFixed(1).replace(/\.0$/, "")} %`;

/** A time to a tenth of a millisecond. */
const inMs = (ms: number): string => `${ms.toFixed(1).replace(/\.0$/, "")} ms`;

function passedSentence(tables: readonly CalibrationTable[]): string {
  const worstShare = (figure: CalibrationFigure): string =>
    percent(Math.max(...rowsOf(tables, figure).map(({ errorMs, trueMs }) => Math.abs(errorMs) / trueMs)));
  const worstMs = inMs(Math.max(...rowsOf(tables, "max").map(({ errorMs }) => Math.abs(errorMs))));
  const { p50, p99, maxMs } = CALIBRATION_LIMITS;
  const twice = tables.filter(({ attempt }) => attempt > 1).map(({ server }) => server);
  const again = twice.length === 0 ? "" : ` Only the second try counts for: ${twice.join("; ")}.`;
  return `Calibrated: in ${tables.length} tables with known answers the driver was off by at most ${worstShare("p50")} at p50 (limit ${percent(p50)}), ${worstShare("p99")} at p99 (${percent(p99)}) and ${worstMs} at the maximum (${inMs(maxMs)}).${again}`;
}

/** The row that is furthest off, in units of its limit. */
function worstRow(tables: readonly CalibrationTable[]): string {
  const off = tables.flatMap(({ server, rows }) =>
    rows.filter(({ passed }) => !passed).map((row) => ({ server, row, excess: Math.abs(row.errorMs) / row.limitMs })),
  );
  const [worst] = off.sort((a, b) => b.excess - a.excess);
  if (worst === undefined) return "";
  const { figure, measuredMs, trueMs, limitMs, fault } = worst.row;
  const whose = fault === "server" ? ", since the server itself was late" : "";
  return ` Worst: ${worst.server}, ${figure} ${inMs(measuredMs)} instead of ${inMs(trueMs)} ± ${inMs(limitMs)}${whose}.`;
}

/** What one calibration found, in sentences. */
export function calibrationSentence({ tables, passed, problem }: CalibrationRun): string {
  const counting = decisiveTables(tables);
  if (passed) return passedSentence(counting);
  const failed = counting.filter((table) => !table.passed);
  const unanswered = failed.reduce((sum, table) => sum + table.unanswered, 0);
  const parts = [
    ...(problem === null ? [] : [problem.split("\n")[0]?.replace(/\.$/, "") ?? ""]),
    ...(failed.length === 0 ? [] : [`off in ${failed.length} of ${counting.length} tables`]),
    ...(unanswered === 0 ? [] : [`${unanswered} turns without an answer`]),
  ];
  return `Calibration failed: ${parts.join("; ")}.${worstRow(failed)}`;
}
