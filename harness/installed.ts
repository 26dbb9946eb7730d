/**
 * Whether what a runner needs is on this machine: the only answer comes from its own `install.check`, which is run once per
 * process of ours and beside the checks of the others. Nothing is installed here; that is `setup`, and only when it is asked for.
 */
import { spawn } from "node:child_process";
import { UsageError } from "./errors.ts";
import { childEnvironment } from "./processes/child.ts";
import type { Runner } from "./runner.ts";

const CHECK_WITHIN_MS = 10_000;
/** Answers by folder and check, so that a runner and its variants share one. */
const known = new Map<string, Promise<boolean>>();

/** Runs the check now. A runner that has none needs nothing; a check that cannot be started, or takes more than 10 s, says no. */
export function checkInstall({ install, folder }: Runner): Promise<boolean> {
  const [program, ...args] = install?.check ?? [];
  if (program === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const check = spawn(program, args, {
      cwd: folder,
      env: childEnvironment(),
      stdio: "ignore",
      timeout: CHECK_WITHIN_MS,
      killSignal: "SIGKILL",
    });
    check.once("error", () => resolve(false));
    check.once("exit", (code) => resolve(code === 0));
  });
}

/** The same, asked once per process of ours. */
export function installed(runner: Runner): Promise<boolean> {
  const key = JSON.stringify([runner.folder, runner.install?.check]);
  const answer = known.get(key) ?? checkInstall(runner);
  known.set(key, answer);
  return answer;
}

/** One sentence, or two: that it is not installed, and how it gets there. */
export function notInstalled({ name, install }: Runner): string {
  const how = install?.how ?? "Its README says what it needs.";
  return `${name} is not installed: ${how}${install?.steps === undefined ? "" : ` "npx agent-derby setup ${name}" does it.`}`;
}

/** Those of these runners that can start here, and a sentence about each of the others. Their order stays. */
export async function sortOut(
  runners: readonly Runner[],
  isInstalled: (runner: Runner) => Promise<boolean> = installed,
  sentence: (runner: Runner) => string = notInstalled,
): Promise<{ readonly ready: Runner[]; readonly missing: string[] }> {
  const answers = await Promise.all(runners.map(isInstalled));
  return {
    ready: runners.filter((_, index) => answers[index]),
    missing: runners.filter((_, index) => !answers[index]).map(sentence),
  };
}

/** @throws UsageError with a sentence for each of these runners that is not installed; asked and told as in `sortOut` */
export async function requireInstalled(
  runners: readonly Runner[],
  isInstalled?: (runner: Runner) => Promise<boolean>,
  sentence?: (runner: Runner) => string,
): Promise<void> {
  const { missing } = await sortOut(runners, isInstalled, sentence);
  if (missing.length > 0) throw new UsageError(missing);
}
