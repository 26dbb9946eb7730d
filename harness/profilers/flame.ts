/**
 * @platformatic/flame: V8's sampling profiler, by @datadog/pprof, and a page that draws its profile. We load its sampler into the
 * process ourselves, since `flame run` ends a process on SIGTERM before its own handlers have run, and draw with `flame generate`.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ChildCommand } from "../processes/child.ts";
import { nodeCommand, requireNode } from "./node-command.ts";
import { type Profiler, runTool } from "./profiler.ts";
import { toolFolder } from "./tool.ts";

const PRELOAD = new URL("./flame-preload.mjs", import.meta.url);
const modules = join(toolFolder("flame"), "node_modules");

function wrap(start: ChildCommand, into: string): ChildCommand {
  const parts = nodeCommand(start.command);
  if (parts === null) return start;
  return {
    ...start,
    command: [parts.node, `--import=${PRELOAD.href}`, ...start.command.slice(1)],
    env: { ...start.env, DERBY_PROFILE_INTO: into, DERBY_PROFILE_BY: join(modules, "@datadog", "pprof") },
  };
}

/** One page for each isolate that came to its end: the main thread and every worker. */
async function draw(into: string): Promise<string[]> {
  const profiles = readdirSync(into).filter((name) => name.endsWith(".pb"));
  const files: string[] = [];
  for (const profile of profiles.sort()) {
    const page = profile.replace(/\.pb$/, ".html");
    const command = [join(modules, "@platformatic", "flame", "bin", "flame.js"), "generate", "-o", page, profile];
    await runTool(["node", ...command], { cwd: into, logFile: join(into, "draw.log") });
    files.push(page, profile);
  }
  return files;
}

export const flame: Profiler = {
  name: "flame",
  about: "flame graph of V8's samples, as a page and in pprof's format",
  languages: ["TypeScript", "JavaScript"],
  tool: { kind: "npm", folder: "flame", pinned: ["@platformatic/flame@1.7.0"] },
  prepare: async (runner) => requireNode(runner, "flame"),
  wrap,
  draw,
};
