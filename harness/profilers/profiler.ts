/**
 * Profiler: a tool that shows where a runtime's processes spend their time, as data and three functions. What is recorded under one
 * is marked and never ranked (`validity.ts`), since looking costs what it looks at.
 *
 * A profiler knows languages as runner.json writes them, and never a runner.
 */
import { UsageError } from "../errors.ts";
import { type ChildCommand, childEnvironment, lastLines, runChild } from "../processes/child.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import type { Tool } from "./tool.ts";

export interface Profiler {
  readonly name: string;
  /** What it shows, as half a sentence. */
  readonly about: string;
  /** As runner.json writes them; the first profiler of a language is its default. */
  readonly languages: readonly string[];
  readonly tool: Tool;
  /**
   * Looks whether it can profile this runner, and makes what it needs for that. Default: it can.
   * @throws UsageError when it cannot, with who can
   */
  prepare?(runner: Runner): Promise<void>;
  /**
   * One start of a process, under the profiler. SIGTERM to the process group must still reach the runtime, and the profiler must
   * live until it has written what it saw.
   * @param into a folder of this start's own; exists
   */
  wrap(start: ChildCommand, into: string, runner: Runner): ChildCommand;
  /**
   * Turns what one start left into what a person opens. Called when the trial is over.
   * @returns names of files in the folder that are worth keeping, the one to open first; none where the start left nothing
   */
  draw(into: string, title: string): Promise<readonly string[]>;
}

const DRAWN_WITHIN_MS = 300_000;

/** Processes of a runner that are profiled: those that run agents. */
export const profiledProcesses = (runner: Runner): readonly RunnerProcess[] =>
  runner.processes.filter(({ role }) => role === "app");

/**
 * Runs a tool of a profiler to its end, with what it prints in a file.
 * @throws UsageError with its last words when it does not end with 0
 */
export async function runTool(
  command: readonly string[],
  { cwd, logFile, env = {} }: { cwd: string; logFile: string; env?: Readonly<Record<string, string>> },
): Promise<void> {
  const exit = await runChild({ command, cwd, logFile, env: { ...childEnvironment(), ...env } }, DRAWN_WITHIN_MS);
  if (exit.code === 0) return;
  throw new UsageError(
    `"${command.join(" ")}" failed (${exit.signal ?? `exit code ${exit.code}`}):\n${lastLines(logFile)}`,
  );
}
