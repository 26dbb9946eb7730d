/** Reads what `docker build` reads, for the test of images: Dockerfiles as instructions, and which files a build context holds. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./sources.ts";

/** One instruction, continuation lines joined. */
export interface Instruction {
  /** In capitals: "FROM". */
  readonly name: string;
  readonly rest: string;
}

/** @param path from the project's root */
export function instructionsOf(path: string): Instruction[] {
  const lines = readFileSync(join(ROOT, path), "utf8")
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"));
  return lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .flatMap((line) => {
      const [, name = "", rest = ""] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
      return name === "" ? [] : [{ name: name.toUpperCase(), rest: rest.trim() }];
    });
}

/** The instructions of the last stage, its FROM first. */
export function lastStage(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
}

/** Sources and target of a COPY from the build context; null for one from another stage. */
export function copied({ rest }: Instruction): { readonly sources: readonly string[]; readonly target: string } | null {
  const words = rest.split(/\s+/);
  if (words.some((word) => word.startsWith("--from="))) return null;
  const paths = words.filter((word) => !word.startsWith("--"));
  return { sources: paths.slice(0, -1), target: paths.at(-1) ?? "" };
}

interface Rule {
  readonly pattern: RegExp;
  readonly keeps: boolean;
}

/** Patterns as .dockerignore has them: `*` within a name, `**` over any depth, `!` takes back, and a folder stands for all below it. */
function rulesOf(text: string): Rule[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const keeps = line.startsWith("!");
      const escaped = line.slice(keeps ? 1 : 0).replaceAll(/[.+^${}()|[\]\\?]/g, "\\$&");
      const pattern = escaped.replaceAll(/\*\*\/|\*/g, (found) => (found === "*" ? "[^/]*" : "(?:.*/)?"));
      return { keeps, pattern: new RegExp(`^${pattern}(?:/.*)?$`) };
    });
}

let context: readonly string[] | undefined;

/** Every file that `docker build .` in the project's root sends to the engine; the last pattern that fits a path decides. Looked at once. */
export function buildContext(): readonly string[] {
  context ??= filesSent();
  return context;
}

/** Large folders that the patterns leave out as a whole are not looked into. */
const NOT_ENTERED = /(^|\/)(\.git|node_modules|results|dist|\.build)$/;

function filesSent(): string[] {
  const rules = rulesOf(readFileSync(join(ROOT, ".dockerignore"), "utf8"));
  const sent = (path: string): boolean => rules.findLast(({ pattern }) => pattern.test(path))?.keeps ?? true;
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return NOT_ENTERED.test(path) && !sent(path) ? [] : below(path);
      return entry.isFile() && sent(path) ? [path] : [];
    });
  return below("");
}
