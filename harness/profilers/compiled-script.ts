/**
 * Scripts of a runner as JavaScript, for profilers that bring an older Node along, which strips no types. In the installed package
 * everything is JavaScript already and stays where it is.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { packageRoot, sourceRoot } from "../package-root.ts";
import type { Runner } from "../runner.ts";
import { nodeCommand } from "./node-command.ts";
import { profiledProcesses, runTool } from "./profiler.ts";

const compiledFolder = (runner: Runner): string => join(runner.folder, ".build", "profiled-js");

/** A runner of ours imports the kit beside it; one from elsewhere stands alone. */
const rootOf = (runner: Runner): string =>
  relative(sourceRoot, runner.folder).startsWith("..") ? runner.folder : sourceRoot;

/** Where a script lies as JavaScript. @param script absolute path */
export function compiledScript(runner: Runner, script: string): string {
  if (!script.endsWith(".ts")) return script;
  return join(compiledFolder(runner), relative(rootOf(runner), script).replace(/\.ts$/, ".js"));
}

/** Compiles the scripts that a runner's profiled processes start. @throws UsageError when the compiler complains */
export async function compileScripts(runner: Runner): Promise<void> {
  const scripts = profiledProcesses(runner)
    .flatMap(({ command }) => nodeCommand(command)?.script ?? [])
    .filter((script) => script.endsWith(".ts"))
    .map((script) => resolve(runner.folder, script));
  if (scripts.length === 0) return;
  const folder = compiledFolder(runner);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const project = join(folder, "tsconfig.json");
  const compilerOptions = { outDir: folder, rootDir: rootOf(runner), declaration: false };
  const base = join(packageRoot, "tsconfig.build.json");
  writeFileSync(project, JSON.stringify({ extends: base, compilerOptions, files: scripts, include: [], exclude: [] }));
  let compiler: string;
  try {
    compiler = createRequire(import.meta.url)
      .resolve("typescript/package.json")
      .replace("package.json", "bin/tsc");
  } catch {
    throw new UsageError(
      `${runner.name} is written in TypeScript, which this profiler's Node cannot run, and there is no compiler here.`,
    );
  }
  await runTool(["node", compiler, "-p", project], { cwd: packageRoot, logFile: join(folder, "compile.log") });
}
