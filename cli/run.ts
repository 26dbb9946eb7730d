/** `run` (in a clone: `npm run bench`): the main job, from the plan to the report. */
import { relative } from "node:path";
import type { Command } from "commander";
import type { BenchResult } from "../harness/bench.ts";
import { bytesOf } from "../harness/recordings.ts";
import type { Summary } from "../harness/summary.ts";
import { ATTACH_OPTIONS, tellOfAttached } from "./attach.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { commandLine } from "./invocation.ts";
import { ProgressPrinter } from "./progress.ts";
import {
  addPlanOptions,
  benchOptions,
  DEFAULT_ISOLATION,
  DEFAULT_POSTGRES,
  DEFAULT_PRICE,
  ISOLATIONS,
  type RunFlags,
  type RunOptions,
} from "./run-options.ts";
import { byteSize, terminalOptions } from "./table.ts";
import { LivePage } from "./watch/live-page.ts";

const validitiesOf = (summary: Summary): string[] =>
  summary.scenarios.flatMap(({ results }) =>
    results.flatMap(({ trials }) => trials.map(({ validity }) => validity.verdict)),
  );

/** What the exit code says of a finished campaign. A void trial is nobody's fault and says nothing; a runtime that did not start is a refusal. */
export function exitCodeOf(summary: Summary): number {
  const validities = validitiesOf(summary);
  if (validities.length === 0 || validities.includes("refused")) return EXIT.refused;
  return summary.promises.some(({ state }) => state === "broken") ? EXIT.broken : EXIT.ok;
}

async function printEnd(result: BenchResult): Promise<void> {
  const { renderTerminal } = await import("../reports/terminal.ts");
  const folder = relative(process.cwd(), result.folder) || ".";
  process.stdout.write(`\n${renderTerminal(result.summary, terminalOptions(process.stdout))}`);
  if (validitiesOf(result.summary).every((verdict) => verdict !== "valid"))
    process.stderr.write("No trial is valid, so nothing was compared; the reasons stand above.\n");
  process.stdout.write(`\nReport:  ${folder}/report.html\n`);
  process.stdout.write(`Disk:    ${byteSize(bytesOf(result.folder))} in ${folder}\n`);
  process.stdout.write(`Repeat:  ${result.summary.campaign.command}\n`);
}

function howToGoOn({ attached }: Pick<RunOptions, "attached">, { folder }: BenchResult): string {
  return attached === undefined
    ? `Go on with: ${commandLine("run", "--resume", relative(process.cwd(), folder))}`
    : "What ran already remembers half of a trial, so this campaign cannot go on; what was recorded stays.";
}

async function run({ watchPort, ...options }: RunOptions): Promise<void> {
  const { runBench } = await import("../harness/bench.ts");
  if (options.attached !== undefined) tellOfAttached(options.attached);
  const progress = new ProgressPrinter(process.stderr);
  const page = watchPort === undefined ? null : await LivePage.open(watchPort, progress);
  const interrupt = listenForInterrupt(() => progress.note("Stopping cleanly; once more ends at once."));
  try {
    const result = await runBench({ ...options, signal: interrupt.signal }, page?.watcher ?? progress);
    progress.close();
    page?.finish(result);
    await printEnd(result);
    process.exitCode = result.interrupted ? EXIT.interrupted : exitCodeOf(result.summary);
    if (result.interrupted) process.stderr.write(`Stopped. ${howToGoOn(options, result)}\n`);
  } finally {
    progress.close();
    page?.close();
    interrupt.dispose();
  }
}

export function addRunCommand(program: Command): void {
  addPlanOptions(program.command("run").description("run the trials, judge them, write the report"))
    .option("--out <dir>", "folder in which this campaign gets a folder of its own (default: results)")
    .option("--resume <dir>", "go on with a campaign that was stopped")
    .option("--postgres <where>", `embedded, docker, or an address postgres://… (default: ${DEFAULT_POSTGRES})`)
    .option("--isolation <where>", `where runtimes live: ${ISOLATIONS.join(" or ")} (default: ${DEFAULT_ISOLATION})`)
    .option(...ATTACH_OPTIONS.attach)
    .option(...ATTACH_OPTIONS.worldPort)
    .option(...ATTACH_OPTIONS.bind)
    .option("--price <in=,out=>", `dollars per million tokens (default: ${DEFAULT_PRICE})`)
    .option("--no-pin", "do not give harness and runtime cores of their own")
    .option("--watch [port]", "serve a page on 127.0.0.1 that shows the running trial (default port: any free one)")
    .option("--no-calibrate", "do not hold the driver against known answers first (10 s); the report says so")
    .action((filters: string[], flags: RunFlags) => run(benchOptions(filters, flags)));
}
