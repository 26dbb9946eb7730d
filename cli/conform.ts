/** `conform RUNNER…`: tests runners against the contract, without load. */
import type { Command } from "commander";
import type { ConformReport } from "../harness/conform/conform.ts";
import { type LocalTiming, SIZES } from "../harness/local-timing.ts";
import type { Runner } from "../harness/runner.ts";
import { count, duration } from "../reports/format.ts";
import { ATTACH_OPTIONS, type AttachFlags, attachFlags, tellOfAttached } from "./attach.ts";
import { EXIT } from "./exit-codes.ts";
import { FlagProblems, integerFlag, postgresFlag } from "./flags.ts";
import { listenForInterrupt } from "./interrupt.ts";

const RESULT_WIDTH = "not offered".length;

const timingLine = ({ tool, tookMs, units }: LocalTiming): string =>
  `  ${tool}: ${duration(tookMs)} for ${count(units)} ${SIZES[tool].unit}`;

/** The checks group by group, and the verdict in one sentence. */
export function renderConform({ runner, checks, passed, timings = [], mayClaim }: ConformReport): string {
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
  const verb = mayClaim === undefined ? "conform" : "work";
  const verdict = passed
    ? `${runner} ${verb}s.`
    : `${runner} does not ${verb}: ${failed} of ${checks.length} checks failed.`;
  const claims = Object.keys(mayClaim ?? {}).length === 0 ? "" : JSON.stringify(mayClaim).replaceAll(/([:,])/g, "$1 ");
  const offer =
    claims === "" ? [] : [`It may claim what it does not claim yet: "promises": ${claims} in its runner.json.`];
  const timed = timings.length === 0 ? [] : ["timed alone, idle", ...timings.map(timingLine)];
  return [...lines, ...timed, "", verdict, ...offer].join("\n");
}

async function named(names: readonly string[]): Promise<readonly Runner[]> {
  const { resolveRunner } = await import("../harness/runner-check.ts");
  return names.map((name) => resolveRunner(name));
}

/** Those that were named; without names every contestant and variant of one that is installed here. @throws UsageError */
async function chosen(names: readonly string[]): Promise<readonly Runner[]> {
  const { contestants, variantsOf } = await import("../harness/runner-check.ts");
  const { requireInstalled, sortOut } = await import("../harness/installed.ts");
  if (names.length === 0) {
    const { ready, missing } = await sortOut(contestants().flatMap((runner) => [runner, ...variantsOf(runner)]));
    for (const sentence of missing) process.stderr.write(`${sentence}\n`);
    return ready;
  }
  const runners = await named(names);
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

interface ConformFlags extends AttachFlags {
  readonly postgres: string;
  readonly atOnce: string;
  readonly json?: boolean;
}

async function conform(names: readonly string[], flags: ConformFlags): Promise<void> {
  const problems = new FlagProblems();
  const postgres = postgresFlag(problems, flags.postgres);
  const atOnce = integerFlag(problems, "--at-once", flags.atOnce, 1, 64) ?? 1;
  const attached = attachFlags(problems, flags);
  if (attached !== undefined && names.length !== 1)
    problems.add("--attach takes one runner, whose mapping says how turns are asked for.");
  problems.finish();
  if (attached !== undefined) tellOfAttached(attached);
  const runners = attached === undefined ? await chosen(names) : await named(names);
  const { conformRunner } = await import("../harness/conform/conform.ts");
  const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
  const reports: ConformReport[] = [];
  try {
    await inTurn(runners, atOnce, async (runner) => {
      if (interrupt.signal.aborted) return;
      const report = await conformRunner(runner, {
        postgres,
        signal: interrupt.signal,
        alone: atOnce === 1,
        ...(attached !== undefined && { attached }),
      });
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
    .option(...ATTACH_OPTIONS.attach)
    .option(...ATTACH_OPTIONS.worldPort)
    .option(...ATTACH_OPTIONS.bind)
    .option("--json", "print the checks as JSON")
    .action(conform);
}
