/**
 * Finds runners and turns their runner.json into a `Runner`, or lists every problem in one UsageError. Folders are found by
 * scanning, so a newcomer's is there as soon as it holds a runner.json; `async`, `beam:tuned` and `./path/to/folder` all name one.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { UsageError, unknownName } from "./errors.ts";
import { sourceRoot } from "./package-root.ts";
import type { RecoveryDefault, Runner, RunnerFile, RunnerProcess, Variant } from "./runner.ts";
import { checkRunnerFile } from "./runner-shape.ts";

const FILE_NAME = "runner.json";

/** Where our own runners lie. */
export const runnersFolder = join(sourceRoot, "runners");

/** Reads one runner.json. Problems name the file as its folder does, never by an absolute path. */
function readRunnerFile(folder: string): { readonly file: RunnerFile } | { readonly problems: readonly string[] } {
  const label = `${basename(folder)}/${FILE_NAME}`;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(folder, FILE_NAME), "utf8"));
  } catch (error) {
    return { problems: [`${label}: expected JSON: ${(error as Error).message}.`] };
  }
  const problems = checkRunnerFile(content);
  return problems.length === 0
    ? { file: content as RunnerFile }
    : { problems: problems.map((problem) => `${label}: ${problem}`) };
}

function withDefaults(process: RunnerProcess): RunnerProcess {
  const ports = process.ports ?? (process.serves === true ? ["http"] : []);
  return {
    ...process,
    ports,
    ...(process.ready === undefined && process.serves === true && { ready: `GET :${ports[0]}/healthz` }),
  };
}

/** The variant's value where it has one, in the runner's order; what only the variant has comes last. */
function recoveryOf(base: readonly RecoveryDefault[] = [], own: readonly RecoveryDefault[] = []): RecoveryDefault[] {
  return [...new Map([...base, ...own].map((one) => [one.what, one])).values()];
}

/** A runner with defaults filled in and a variant applied: its environment and deviations are added, all else replaces. */
function runnerOf(folder: string, file: RunnerFile, variantName?: string): Runner {
  const variants = file.variants ?? {};
  const variant: Variant | undefined =
    variantName === undefined ? {} : Object.hasOwn(variants, variantName) ? variants[variantName] : undefined;
  const base = basename(folder);
  if (variant === undefined)
    throw new UsageError(unknownName(`variant of ${base}`, variantName ?? "", Object.keys(variants)));
  const { runtime, home, needs, version, install, commands = {} } = variant;
  const processes = file.processes.map((process) =>
    withDefaults({ ...process, command: commands[process.name] ?? process.command }),
  );
  const { budget, ...rest } = file;
  return {
    ...rest,
    // Another engine, or another number of threads, is made of other parts.
    ...(budget !== undefined && variantName === undefined && { budget }),
    ...(runtime !== undefined && { runtime }),
    ...(home !== undefined && { home }),
    ...(needs !== undefined && { needs }),
    ...(version !== undefined && { version }),
    ...(install !== undefined && { install }),
    processes,
    promises: { ...file.promises, ...variant.promises },
    deviations: [...(file.deviations ?? []), ...(variant.deviations ?? [])],
    recovery: recoveryOf(file.recovery, variant.recovery),
    name: variantName === undefined ? base : `${base}:${variantName}`,
    folder,
    variantEnv: variant.env ?? {},
  };
}

/** Folders below these that hold a runner.json, sorted by name. */
function runnerFolders(folders: readonly string[]): string[] {
  const found = folders
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => resolve(folder, name)));
  return found
    .filter((folder) => existsSync(join(folder, FILE_NAME)))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

/**
 * All runners below these folders, without variants.
 * @throws UsageError with the problems of all their files
 */
export function loadRunners(folders: readonly string[] = [runnersFolder]): Runner[] {
  const problems: string[] = [];
  const runners: Runner[] = [];
  for (const folder of runnerFolders(folders)) {
    const read = readRunnerFile(folder);
    if ("problems" in read) problems.push(...read.problems);
    else if (runners.some(({ name }) => name === basename(folder)))
      problems.push(`Two folders hold a runner named "${basename(folder)}".`);
    else runners.push(runnerOf(folder, read.file));
  }
  if (problems.length > 0) throw new UsageError(problems);
  return runners;
}

/** Runners that are compared when none is named: those that do not decline, installed or not. */
export function contestants(folders?: readonly string[]): Runner[] {
  return loadRunners(folders).filter((runner) => runner.contestant !== false);
}

/** A runner's variants, each as the contestant it is. */
export function variantsOf(runner: Runner): Runner[] {
  return Object.keys(runner.variants ?? {}).map((variant) => runnerOf(runner.folder, runner, variant));
}

/** Those of its variants that need something else on the machine than the runner itself. */
export function installedApart(runner: Runner): Runner[] {
  return variantsOf(runner).filter(({ install }) => install !== runner.install);
}

/**
 * The runner of a name ("async", "beam:tuned") or path ("./mine", "./mine:tuned"), or undefined when there is none. "before=./mine" is the
 * same under another name, so that two versions of one runner, or one version twice, can take part in one campaign.
 * @throws UsageError when its runner.json has problems, or it has no such variant
 */
export function findRunner(spec: string, folders: readonly string[] = [runnersFolder]): Runner | undefined {
  const [, alias, named] = /^([a-z0-9-]+)=(.+)$/.exec(spec) ?? [];
  if (alias !== undefined && named !== undefined) {
    const found = findRunner(named, folders);
    return found && { ...found, name: alias };
  }
  const colon = spec.lastIndexOf(":");
  const [base, variant] = colon === -1 ? [spec, undefined] : [spec.slice(0, colon), spec.slice(colon + 1)];
  const isPath = /^[./]|\//.test(base);
  const folder = isPath ? resolve(base) : runnerFolders(folders).find((candidate) => basename(candidate) === base);
  if (folder === undefined || !existsSync(join(folder, FILE_NAME))) return undefined;
  const read = readRunnerFile(folder);
  if ("problems" in read) throw new UsageError(read.problems);
  return runnerOf(folder, read.file, variant);
}

/** Like `findRunner`. @throws UsageError also when there is none, with what exists */
export function resolveRunner(spec: string, folders: readonly string[] = [runnersFolder]): Runner {
  const runner = findRunner(spec, folders);
  if (runner !== undefined) return runner;
  if (spec.includes("/")) throw new UsageError(`There is no ${FILE_NAME} in ${spec}. Expected the folder of a runner.`);
  throw new UsageError(
    unknownName(
      "runner",
      spec,
      runnerFolders(folders).map((folder) => basename(folder)),
    ),
  );
}
