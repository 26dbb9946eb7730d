/** `conform RUNNER…`: tests runners against the contract, without load. */
import type { Command } from "commander";
import type { ConformReport } from "../harness/conform/conform.ts";
import { type LocalTiming, SIZES } from "../harness/local-timing.ts";
import type { Runner } from "../harness/runner.ts";
import { count, duration } from "../reports/format.ts";
import { EXIT } from "./exit-codes.ts";
import { FlagProblems, integerFlag, postgresFlag } from "./flags.ts";
import { listenForInterrupt } from "./interrupt.ts";

const RESULT_WIDTH = "not offered".length;

const timingLine = ({ tool, tookMs, units }: LocalTiming): string =>
  `  ${tool}: ${duration(tookMs)} for ${count(units)} ${SIZES[tool].unit}`;

/** The checks group by group, and the verdict in one sentence. */
export function renderConform({ runner, checks, passed, timings = [] }: ConformReport): string {
  const groups = [...new Set(checks.map(({ group }) => group))];
  const lines = groups.flatMap((group) => [
    group,
    ...checks
      .filter((check) => check.group === group)
      .map(
        ({ name, result, says }) => `  ${(result === "fail" ? "FAIL" : result).padEnd(RESULT_WIDTH)}  ${name}: ${says}`,
      ),
  ]);
  const failed = checks.filter(({ result }) => result === "fail").length;
  const verdict = passed
    ? `${runner} conforms.`
    : `${runner} does not conform: ${failed} of ${checks.length} checks failed.`;
  const timed = timings.length === 0 ? [] : ["timed alone, idle", ...timings.map(timingLine)];
  return [...lines, ...timed, "", verdict].join("\n");
}

/** Those that were named; without names every contestant and variant of one that is installed here. @throws UsageError */
async function chosen(names: readonly string[]): Promise<readonly Runner[]> {
  const { contestants, resolveRunner, variantsOf } = await import("../harness/runner-check.ts");
  const { requireInstalled, sortOut } = await import("../harness/installed.ts");
  if (names.length === 0) {
    const { ready, missing } = await sortOut(contestants().flatMap((runner) => [runner, ...variantsOf(runner)]));
    for (const sentence of missing) process.stderr.write(`${sentence}\n`);
    return ready;
  }
  const runners = names.map((name) => resolveRunner(name));
  await requireInstalled(runners);
  return runners;
}

/** Does `work` for all, so many at once, each begun in order. */
async function inTurn<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface ConformFlags {
  readonly postgres: string;
  readonly atOnce: string;
  readonly json?: boolean;
}

async function conform(names: readonly string[], flags: ConformFlags): Promise<void> {
  const problems = new FlagProblems();
  const postgres = postgresFlag(problems, flags.postgres);
  const atOnce = integerFlag(problems, "--at-once", flags.atOnce, 1, 64) ?? 1;
  problems.finish();
  const runners = await chosen(names);
  const { conformRunner } = await import("../harness/conform/conform.ts");
  const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
  const reports: ConformReport[] = [];
  try {
    await inTurn(runners, atOnce, async (runner) => {
      if (interrupt.signal.aborted) return;
      const report = await conformRunner(runner, { postgres, signal: interrupt.signal, alone: atOnce === 1 });
      reports.push(report);
      if (flags.json !== true) process.stdout.write(`${renderConform(report)}\n\n`);
    });
  } finally {
    interrupt.dispose();
  }
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`);
  const failed = reports.filter(({ passed }) => !passed).map(({ runner }) => runner);
  if (runners.length > 1 && flags.json !== true)
    process.stdout.write(
      `${reports.length - failed.length} of ${runners.length} conform${failed.length > 0 ? `; not: ${failed.join(", ")}` : ""}.\n`,
    );
  process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : failed.length === 0 ? EXIT.ok : EXIT.broken;
}

export function addConformCommand(program: Command): void {
  program
    .command("conform")
    .description("test runners against runners/CONTRACT.md; exit code 1 if one does not conform")
    .argument(
      "[runners...]",
      "name, name:variant, or a path to its folder; none: all that are installed, with variants",
    )
    .option("--postgres <where>", "embedded, docker, or an address postgres://…", "embedded")
    .option(
      "--at-once <n>",
      "so many runners side by side; most of the time is waiting. Local tools are timed only with 1",
      "1",
    )
    .option("--json", "print the checks as JSON")
    .action(conform);
}
