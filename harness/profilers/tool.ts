/**
 * What a profiler needs on the machine, and how it comes there on its first use: into a folder of its own that git ignores, with
 * pinned versions. Nothing of it is in the default install, and nothing here is started by a test.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { packageRoot } from "../package-root.ts";
import { findExecutable, lastLines, runChild } from "../processes/child.ts";

export type Tool =
  /** Fetched by us. `pinned`: every package with its version. */
  | { readonly kind: "npm" | "pip"; readonly folder: string; readonly pinned: readonly string[] }
  /** A program that only the machine's own packages bring; `how` is a sentence for people. */
  | { readonly kind: "program"; readonly program: string; readonly how: string };

type FetchedTool = Exclude<Tool, { kind: "program" }>;

const FETCHED_WITHIN_MS = 600_000;
const NPM_FLAGS = ["--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];

/** Where the tools of profilers lie, each in a folder of its own. */
export const toolFolder = (folder: string): string => join(packageRoot, ".build", "profilers", folder);

const stampOf = (tool: FetchedTool): string => join(toolFolder(tool.folder), "installed");

/** Whether a tool is here, in the pinned versions. */
export function hasTool(tool: Tool): boolean {
  if (tool.kind === "program") {
    try {
      return findExecutable(tool.program, ".", process.env.PATH ?? "") !== "";
    } catch (error) {
      if (error instanceof UsageError) return false;
      throw error;
    }
  }
  const stamp = stampOf(tool);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === tool.pinned.join("\n");
}

/** The commands that fetch a tool, in order. */
export function fetchingSteps({ kind, folder, pinned }: FetchedTool): readonly (readonly string[])[] {
  const into = toolFolder(folder);
  if (kind === "npm") return [["npm", "install", "--prefix", into, ...NPM_FLAGS, ...pinned]];
  const pip = join(into, "bin", "pip");
  return [
    ["python3", "-m", "venv", into],
    [pip, "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", ...pinned],
  ];
}

/** All of ours, so that a proxy or a registry of the caller's counts, and the pinned Node as `node`. */
function fetchingEnvironment(): Record<string, string> {
  const given = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = [dirname(process.execPath), process.env.PATH ?? "/usr/bin:/bin"].join(delimiter);
  return { ...Object.fromEntries(given), PATH: path };
}

/**
 * Fetches a tool unless it is here.
 * @throws UsageError when that fails, or only a person can install it
 */
export async function ensureTool(tool: Tool, print: (sentence: string) => void): Promise<void> {
  if (hasTool(tool)) return;
  if (tool.kind === "program") throw new UsageError(`There is no program "${tool.program}" on PATH. ${tool.how}`);
  const into = toolFolder(tool.folder);
  print(`Fetching ${tool.pinned.join(" and ")} into ${into}; this happens once.`);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const logFile = `${into}.log`;
  rmSync(logFile, { force: true });
  for (const command of fetchingSteps(tool)) {
    const exit = await runChild({ command, cwd: into, env: fetchingEnvironment(), logFile }, FETCHED_WITHIN_MS);
    if (exit.code !== 0) throw new UsageError(`"${command.join(" ")}" failed:\n${lastLines(logFile)}`);
  }
  writeFileSync(stampOf(tool), tool.pinned.join("\n"));
}
