/**
 * A template: a runner of ours and the kit of its language, as files for somebody else's repository. It is a copy of what is tested
 * here, so that it conforms from the start; whoever takes it replaces what is inside. Reads; writes nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunnerFile } from "../runner.ts";

/** What is built, fetched or a test. */
const LEFT_OUT =
  /^(\.build|_build|deps|node_modules|__pycache__|tests?|testing|fixtures|README\.md|runner\.json)$|\.test\.[jt]s$|_test\.go$/;

function* filesBelow(folder: string, path = ""): Generator<string> {
  for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
    if (LEFT_OUT.test(entry.name)) continue;
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, below);
    else if (entry.isFile()) yield below;
  }
}

/** In the installed package sources lie beside what was compiled of them, as `server.ts.txt`. */
const KEPT_SOURCE = /\.ts\.txt$/;

/** Every file of a folder that belongs into a copy, as path and content; sources instead of what was compiled of them. */
export function copied(folder: string): ReadonlyMap<string, string> {
  const paths = [...filesBelow(folder)].sort();
  const sources = new Set(paths.filter((path) => KEPT_SOURCE.test(path)).map((path) => path.replace(KEPT_SOURCE, "")));
  const wanted = paths.filter((path) => !/\.(js|d\.ts)$/.test(path) || !sources.has(path.replace(/\.(js|d\.ts)$/, "")));
  return new Map(
    wanted.map((path) => [path.replace(KEPT_SOURCE, ".ts"), readFileSync(join(folder, path), "utf8")] as const),
  );
}

/**
 * The runner.json of a copy: what holds for the code that was copied, and nothing that was measured with the original.
 * @param files of the copy, by which a command knows whether it starts a source
 */
export function ownRunnerFile(original: RunnerFile, runtime: string, files: ReadonlyMap<string, string>): RunnerFile {
  const ownWord = (word: string): string => {
    const source = word.replace(/\.js$/, ".ts");
    return files.has(source) ? source : word;
  };
  const { variants: _variants, budget: _budget, image: _image, contestant: _contestant, ...rest } = original;
  const install = original.install && {
    ...original.install,
    how: "agent-derby setup with the path of this folder runs the steps.",
  };
  const processes = original.processes.map((process) => ({ ...process, command: process.command.map(ownWord) }));
  return { ...rest, runtime, processes, ...(install !== undefined && { install }) };
}
