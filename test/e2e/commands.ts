/** Runs commands for the end-to-end tests: with a limit, and with nothing left behind when the limit passes. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "../sources.ts";

export interface Ended {
  /** Null when it was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly limitMs?: number;
  readonly input?: string;
}

/** Folders of PATH without those of this project, as a person has it who has not installed anything. */
const pathOutside = (): string =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter);

/** The environment of somebody's shell: without what npm and the test runner add to ours. */
export function shellEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|VITEST|VITE_|TEST$|INIT_CWD$|FORCE_COLOR$)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: pathOutside() };
}

/** An executable of this name on a PATH, or undefined. */
export function onPath(name: string, path: string = pathOutside()): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      if (!existsSync(file)) return false;
      accessSync(file, constants.X_OK);
      return true;
    });
}

/** Starts a command in a process group of its own, ended as a whole when the limit passes. */
export function start(
  program: string,
  args: readonly string[],
  { cwd = ROOT, env = shellEnvironment(), limitMs = 20_000, input }: CommandOptions = {},
) {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text.stdout += piece;
  });
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text.stderr += piece;
  });
  child.stdin.on("error", () => child.stdin.destroy()); // a command that does not read its input may end before it is written
  if (input !== undefined) child.stdin.end(input);
  const timer = setTimeout(() => {
    text.stderr += `\nEnded by the test after ${limitMs / 1000} s.`;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, limitMs);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...text });
    });
  });
  return { child, text, ended };
}

export const run = (program: string, args: readonly string[], options?: CommandOptions): Promise<Ended> =>
  start(program, args, options).ended;
