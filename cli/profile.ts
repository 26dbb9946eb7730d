/** `profile`: one trial with the runtime under a profiler, which is fetched on its first use. Such a trial is marked and never ranked. */
import { relative } from "node:path";
import type { Command } from "commander";
import type { BenchResult } from "../harness/bench.ts";
import { UsageError, unknownName } from "../harness/errors.ts";
import { hasTool } from "../harness/profilers/tool.ts";
import { PROFILES } from "../harness/profiles.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { commandLine } from "./invocation.ts";
import { ProgressPrinter } from "./progress.ts";
import { benchOptions } from "./run-options.ts";
import { textTable } from "./table.ts";

interface ProfileFlags {
  readonly with?: string;
  readonly profile?: string;
  readonly seed?: string;
  readonly sessions?: string;
  readonly out?: string;
}

/** Twins are for comparing, which a profiled trial is not for. */
const sizes = (): string[] => Object.keys(PROFILES).filter((size) => PROFILES[size]?.twins === false);

/** @throws UsageError when no profile was left, with what is known of the reason */
function printProfiles({ folder, summary }: BenchResult): void {
  const trials = summary.scenarios.flatMap(({ results }) => results.flatMap((result) => result.trials));
  const profiles = trials.flatMap(({ profiled }) => profiled ?? []);
  const shown = relative(process.cwd(), folder) || ".";
  for (const { by, starts, left, files } of profiles) {
    process.stdout.write(`\n${by}: ${left} of ${starts} starts left a profile.\n`);
    for (const file of files) process.stdout.write(`Profile: ${shown}/${file}\n`);
  }
  process.stdout.write(`Report:  ${shown}/report.html (profiled, never ranked)\n`);
  if (profiles.some(({ left }) => left > 0)) return;
  const reasons = trials.flatMap(({ validity }) => validity.reasons).join(" ");
  throw new UsageError(`No profile was left; the runtime's last words stand in ${shown}/trials. ${reasons}`);
}

async function profile(name: string, scenario: string, { with: wanted, ...flags }: ProfileFlags): Promise<void> {
  const { resolveRunner } = await import("../harness/runner-check.ts");
  const { chooseProfiler } = await import("../harness/profilers/profilers.ts");
  const { ensureTool } = await import("../harness/profilers/tool.ts");
  const { runBench } = await import("../harness/bench.ts");
  const runner = resolveRunner(name);
  const profiler = chooseProfiler(runner, wanted);
  const size = flags.profile ?? "smoke";
  if (!sizes().includes(size)) throw new UsageError(unknownName("profile of one profiled trial", size, sizes()));
  const bench = { ...flags, profile: size, blocks: "1", calibrate: false };
  const { watchPort: _port, ...options } = benchOptions([scenario, name], bench);
  const progress = new ProgressPrinter(process.stderr);
  const interrupt = listenForInterrupt(() => progress.note("Stopping cleanly; once more ends at once."));
  try {
    await ensureTool(profiler.tool, (sentence) => progress.note(sentence));
    await profiler.prepare?.(runner);
    const result = await runBench({ ...options, profiler, signal: interrupt.signal }, progress);
    progress.close();
    if (result.interrupted) process.exitCode = EXIT.interrupted;
    else printProfiles(result);
  } finally {
    progress.close();
    interrupt.dispose();
  }
}

async function profilers(): Promise<string> {
  const { PROFILERS } = await import("../harness/profilers/profilers.ts");
  const rows = PROFILERS.map(({ name, languages, about, tool }) => [
    name,
    languages.join(", "),
    hasTool(tool) ? "yes" : tool.kind === "program" ? tool.how : "on first use",
    about,
  ]);
  return textTable(["profiler", "languages", "installed", "shows"], rows);
}

export function addProfileCommand(program: Command): void {
  program
    .command("profile")
    .description("run one trial with the runtime under a profiler; it is marked and never ranked")
    .argument("[runner]", "name, name:variant, or path; without one the profilers are listed")
    .argument("[scenario]", "name or path")
    .option("--with <profiler>", "another profiler than the default one of the runner's language")
    .option("--profile <name>", `how much to run: ${sizes().join(", ")} (default: smoke)`)
    .option("--seed <text>", "the same seed gives the same plan and the same content (default: drawn and printed)")
    .option("--sessions <n>", "live sessions, instead of the profile's number")
    .option("--out <dir>", "folder in which this trial gets a folder of its own (default: results)")
    .action(async (runner: string | undefined, scenario: string | undefined, flags: ProfileFlags) => {
      if (runner !== undefined && scenario !== undefined) return profile(runner, scenario, flags);
      if (runner !== undefined)
        throw new UsageError(`Which scenario? For example: ${commandLine("profile", runner, "SCENARIO")}.`);
      process.stdout.write(`${await profilers()}\n\nProfile with: ${commandLine("profile", "RUNNER", "SCENARIO")}\n`);
    });
}
