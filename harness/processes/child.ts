/**
 * Starts foreign commands: each in a process group of its own, with its output in a log file and, where cores are split, on the
 * cores it was given. Ends the whole group with its leader, so that a restart never meets a leftover on its port.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Pause } from "./pause.ts";
import { readProcess, sendSignal, unlessGone } from "./process-table.ts";

/** What to start. */
export interface ChildCommand {
  /** Program and arguments; a program without a slash is looked up on `env.PATH`, one with a slash in `cwd`. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Core list as `taskset -c` takes it; null leaves the process where the harness is. */
  readonly cores?: string | null;
  /** Runs under this user instead of ours; only root may ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number } | null;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running process. */
export interface Child {
  readonly pid: number;
  readonly startTime: string;
  /** Resolves when the process has ended and the rest of its group was killed. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Sends a signal to the whole group; nothing happens once the process has ended. */
  kill(signal: NodeJS.Signals): void;
  /** Pauses whatever it lives in; absent where that cannot be paused. @throws TrialError when nothing stands still */
  readonly pause?: () => Promise<Pause>;
}

/** Variables that belong to the harness's own start, or would lead a runtime's calls away from this machine. */
const NOT_FOR_CHILDREN =
  /^(NODE_|npm_|VITEST|OPENAI_|ANTHROPIC_|AZURE_OPENAI|DERBY_|PG[A-Z]+$|DATABASE_URL$|.*_proxy$)/i;

/**
 * The environment that foreign processes start from: ours without what must not leak, so that tool chains found through HOME or
 * JAVA_HOME work; PATH begins with the folder of the Node that runs us, hence `node` is that Node.
 */
export function childEnvironment(base: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = Object.entries(base).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !NOT_FOR_CHILDREN.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), base.PATH ?? "/usr/bin:/bin"].join(delimiter),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

/** Absolute path of a program, or a UsageError that says where it was looked for. */
export function findExecutable(program: string, cwd: string, path: string): string {
  if (program.includes("/")) {
    const file = isAbsolute(program) ? program : resolve(cwd, program);
    if (isExecutable(file)) return file;
    throw new UsageError(
      existsSync(file)
        ? `"${program}" is not an executable file.`
        : `There is no program "${program}"; expected it in the runner's folder.`,
    );
  }
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
  if (found === undefined)
    throw new UsageError(`There is no program "${program}" on this machine's PATH. Install it, then try again.`);
  return found;
}

/** The last lines of a log, for telling why a process ended; empty when there are none. */
export function lastLines(logFile: string, count = 20): string {
  const text = unlessGone(() => readFileSync(logFile, "utf8")) ?? "";
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/**
 * Starts a command.
 * @throws UsageError when the program is not there, is not executable, or `cwd` cannot be entered
 */
export async function startChild(what: ChildCommand): Promise<Child> {
  const [program, ...args] = what.command;
  if (program === undefined) throw new UsageError("A command is empty; expected a program and its arguments.");
  const file = findExecutable(program, what.cwd, what.env.PATH ?? "");
  const pinned = what.cores == null ? [file, ...args] : ["taskset", "-c", what.cores, file, ...args];
  const log = openSync(what.logFile, "a");
  try {
    const child = spawn(pinned[0] ?? file, pinned.slice(1), {
      cwd: what.cwd,
      env: what.env,
      detached: true,
      stdio: ["ignore", log, log],
      ...(what.user ?? {}),
    });
    return await started(child, program);
  } finally {
    closeSync(log);
  }
}

async function started(child: ChildProcess, program: string): Promise<Child> {
  const exited = new Promise<Exit>((done) => {
    child.once("exit", (code, signal) => {
      // Members that outlived the leader would hold its ports and files.
      sendSignal(-(child.pid ?? 0), "SIGKILL");
      done({ code, signal });
    });
  });
  await new Promise<void>((spawned, failed) => {
    child.once("spawn", spawned);
    child.once("error", (error) => failed(new UsageError(`"${program}" could not be started: ${error.message}.`)));
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    // A process that is gone already has no start time any more, and nobody will look for it.
    startTime: readProcess(pid)?.startTime ?? "",
    exited,
    kill: (signal) => {
      if (child.exitCode === null && child.signalCode === null) sendSignal(-pid, signal);
    },
  };
}

/** Asks a process to end and kills it when it has not done so in time. Resolves when it has ended. */
export async function endChild(child: Child, graceMs = 5000): Promise<Exit> {
  child.kill(graceMs > 0 ? "SIGTERM" : "SIGKILL");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  const exit = await child.exited;
  clearTimeout(timer);
  return exit;
}

/**
 * Runs a command to its end; for set-up commands and checks.
 * @throws UsageError when it cannot be started or takes longer than `limitMs`
 */
export async function runChild(
  what: ChildCommand,
  limitMs: number,
  onStart: (pid: number) => void = () => {},
  start: (what: ChildCommand) => Promise<Child> = startChild,
): Promise<Exit> {
  const child = await start(what);
  onStart(child.pid);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, limitMs);
  const exit = await child.exited;
  clearTimeout(timer);
  if (late) throw new UsageError(`"${what.command.join(" ")}" had not ended after ${limitMs / 1000} s.`);
  return exit;
}
