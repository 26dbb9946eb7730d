/**
 * Which version of its engine a runner runs on: what the command in its runner.json answers, so that nothing here knows any language. It is
 * asked where the runner is installed, not of a process under load.
 */
import { spawn } from "node:child_process";
import { childEnvironment } from "./processes/child.ts";
import type { Runner } from "./runner.ts";

const ANSWER_WITHIN_MS = 10_000;
const MOST_CHARACTERS = 120;

/** The first line that the command says; null where the runner names none, it fails, or says nothing within 10 s. */
export function engineVersion({ version, folder }: Pick<Runner, "version" | "folder">): Promise<string | null> {
  const [program, ...args] = version ?? [];
  if (program === undefined) return Promise.resolve(null);
  return new Promise((resolve) => {
    const asked = spawn(program, args, {
      cwd: folder,
      env: childEnvironment(),
      stdio: ["ignore", "pipe", "ignore"],
      timeout: ANSWER_WITHIN_MS,
      killSignal: "SIGKILL",
    });
    let said = "";
    asked.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    asked.once("error", () => resolve(null));
    asked.once("close", (code) => {
      const line = said.trim().split("\n")[0]?.trim().slice(0, MOST_CHARACTERS) ?? "";
      resolve(code === 0 && line !== "" ? line : null);
    });
  });
}
