/** `setup`: installs what runners need, by the steps that their own runner.json names, and says what is here afterwards. */
import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import type { Command } from "commander";
import type { Runner } from "../harness/runner.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { commandLine } from "./invocation.ts";
import { textTable } from "./table.ts";

/** How a runner stands after `setUp`. */
export interface SetupResult {
  readonly runner: string;
  readonly installed: boolean;
  /** What was done, or what stands in the way. */
  readonly says: string;
}

/** What a set-up command starts from: all of ours, so that a proxy or a registry of the caller's counts, and the pinned Node as `node`. */
const setupEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [dirname(process.execPath), process.env.PATH ?? "/usr/bin:/bin"].join(delimiter),
});

/** Runs one step with its output shown. Null when it ended with 0, else how it ended. */
function runStep(step: readonly string[], cwd: string, signal: AbortSignal): Promise<string | null> {
  const [program = "", ...args] = step;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: setupEnvironment(), stdio: "inherit", signal });
    child.once("error", (error) =>
      resolve(error.name === "AbortError" ? "was stopped" : `cannot be started: ${error.message}`),
    );
    child.once("exit", (code, killedBy) =>
      resolve(code === 0 ? null : `ended with ${killedBy ?? `exit code ${code}`}`),
    );
  });
}

/** Runs the steps of one runner unless its check says that it is there, and then the check again. */
export async function setUp(runner: Runner, signal: AbortSignal, print: (line: string) => void): Promise<SetupResult> {
  const { checkInstall } = await import("../harness/installed.ts");
  const result = (installed: boolean, says: string): SetupResult => ({ runner: runner.name, installed, says });
  const { install, folder } = runner;
  if (install === undefined) return result(true, "nothing to install");
  if (await checkInstall(runner)) return result(true, "was installed already");
  if (install.steps === undefined) return result(false, `by hand only: ${install.how}`);
  for (const step of install.steps) {
    if (signal.aborted) return result(false, "stopped");
    print(`${runner.name}: ${step.join(" ")}`);
    const failure = await runStep(step, folder, signal);
    if (failure !== null) return result(false, `"${step.join(" ")}" ${failure}`);
  }
  if (await checkInstall(runner)) return result(true, "installed");
  return result(false, `all steps ended well, yet its check says no: ${install.check.join(" ")}`);
}

/** All runners and variants that name an installation of their own, and whether it is here. */
async function installables(): Promise<string> {
  const { installedApart, loadRunners } = await import("../harness/runner-check.ts");
  const { installed } = await import("../harness/installed.ts");
  const all = loadRunners().flatMap((runner) => [runner, ...installedApart(runner)]);
  const own = all.filter(({ install }) => install !== undefined);
  const rows = own.map(async (runner) => [
    runner.name,
    (await installed(runner)) ? "yes" : "no",
    runner.install?.how ?? "",
  ]);
  return textTable(["runner", "installed", "how"], await Promise.all(rows));
}

async function setUpAll(names: readonly string[]): Promise<void> {
  const { resolveRunner } = await import("../harness/runner-check.ts");
  const runners = names.map((name) => resolveRunner(name));
  const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
  const results: SetupResult[] = [];
  try {
    for (const runner of runners)
      results.push(await setUp(runner, interrupt.signal, (line) => process.stdout.write(`${line}\n`)));
  } finally {
    interrupt.dispose();
  }
  const rows = results.map(({ runner, installed, says }) => [runner, installed ? "yes" : "no", says]);
  process.stdout.write(`${textTable(["runner", "installed", "what happened"], rows)}\n`);
  if (interrupt.signal.aborted) process.exitCode = EXIT.interrupted;
  else if (results.some(({ installed }) => !installed)) process.exitCode = EXIT.refused;
}

export function addSetupCommand(program: Command): void {
  program
    .command("setup")
    .description(
      `install what runners need, by their own steps; exit code ${EXIT.refused} if one is still not installed`,
    )
    .argument("[runners...]", "names, name:variant, or paths; none lists what could be set up")
    .action(async (names: string[]) => {
      if (names.length > 0) await setUpAll(names);
      else process.stdout.write(`${await installables()}\n\nInstall with: ${commandLine("setup", "RUNNER...")}\n`);
    });
}
