/** `calibrate`: holds the driver against servers whose truth is known, and says whether it can be believed on this machine. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import type { CalibrationRow, CalibrationRun, CalibrationTable } from "../harness/calibration.ts";
import { calibrationSentence } from "../harness/calibration.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { textTable } from "./table.ts";

const HEADINGS = ["server", "try", "turns", "p50", "p99", "max", "by turn p50", "p99", "max", "server late", "verdict"];

const signed = (ms: number): string => `${ms > 0 ? "+" : ""}${ms.toFixed(2)}`;
const figureCell = ({ trueMs, measuredMs, errorMs }: CalibrationRow): string =>
  `${trueMs.toFixed(1)} → ${measuredMs.toFixed(1)} ${signed(errorMs).padStart(6)}`;

function verdictOf({ unanswered, rows, passed }: CalibrationTable): string {
  if (passed) return "true";
  const off = rows.filter((row) => !row.passed).map(({ figure, fault }) => `${figure} (${fault})`);
  return `OFF: ${[...(unanswered > 0 ? [`${unanswered} unanswered`] : []), ...off].join(", ")}`;
}

/** One line per table. */
export function renderTables(tables: readonly CalibrationTable[]): string {
  const rows = tables.map((table) => [
    table.server,
    String(table.attempt),
    String(table.turns),
    ...(["p50", "p99", "max"] as const).map((wanted) => {
      const row = table.rows.find(({ figure }) => figure === wanted);
      return row === undefined ? "-" : figureCell(row);
    }),
    ...[table.errorMs.p50, table.errorMs.p99, table.errorMs.max].map(signed),
    table.serverLateMs.max.toFixed(2),
    verdictOf(table),
  ]);
  return textTable(HEADINGS, rows);
}

/** The tables, what they come to, and what to make of an error. */
export function renderCalibration(run: CalibrationRun): string {
  const notes = [
    "Milliseconds, true → measured and the error. True is what an ideal client would have seen, by arithmetic.",
    "By turn: measured − true of each turn. Server late: how late the server itself was at most.",
    "A server whose table is off is measured once more, and is true if either table is.",
    ...(run.pinned
      ? []
      : ["Cores could not be kept apart here, so server and driver may have been in each other's way."]),
  ];
  return [renderTables(run.tables), "", ...notes, "", calibrationSentence(run)].join("\n");
}

async function run(flags: { readonly full?: boolean; readonly json?: string }): Promise<void> {
  const { calibrateAlone } = await import("../harness/calibrate/alone.ts");
  const { Stopped } = await import("../harness/record/waiting.ts");
  const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
  try {
    const result = await calibrateAlone(flags.full === true, interrupt.signal);
    process.stdout.write(`${renderCalibration(result)}\n`);
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
    process.exitCode = result.passed ? EXIT.ok : EXIT.broken;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    interrupt.dispose();
  }
}

export function addCalibrateCommand(program: Command): void {
  program
    .command("calibrate")
    .description(`hold the driver against servers whose truth is known; exit code ${EXIT.broken} if it is off`)
    .option("--full", "five times the turns")
    .option("--json <file>", "write all figures as JSON")
    .action(run);
}
