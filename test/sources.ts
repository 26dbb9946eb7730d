/** Reads the project's own sources for the test of its architecture. Right for code as Biome formats it, not for any TypeScript. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = [
  "bin",
  "cli",
  "harness",
  "reports",
  "runners",
  "scenarios",
  "claims",
  "matchers",
  "benches",
  "scripts",
  "test",
  "templates",
  "docker",
];
const LEFT_OUT = ["node_modules", "dist", "results", "golden", ".build"];

export interface Source {
  /** Path from the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

/** Paths of all files and folders of the project that people write by hand, from its root. */
export function pathsOfProject(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => !LEFT_OUT.includes(entry.name))
      .flatMap((entry) => {
        const path = `${folder}/${entry.name}`;
        return entry.isDirectory() ? [path, ...below(path)] : [path];
      });
  return FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) => [folder, ...below(folder)]);
}

/** Every TypeScript and JavaScript module. Modules that only tests use count as tests. */
export function readSources(): Source[] {
  return pathsOfProject()
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .map((path) => ({
      path,
      text: readFileSync(join(ROOT, path), "utf8"),
      isTest: /\.test\.ts$|\/testing\/|\/fixtures?[-/.]|^test\//.test(path),
    }));
}

const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** The text with comments blanked out and line numbers kept. Strings and templates stay. */
export function withoutComments(text: string): string {
  return text.replace(TOKEN, (found) => (found.startsWith("/") ? blank(found) : found));
}

/** The text with comments, strings and templates blanked out and line numbers kept. */
export function codeOnly(text: string): string {
  return text.replace(TOKEN, blank);
}

/** One import: what it names, and whether only types come with it. Relative ones are paths from the root of the project. */
export interface Import {
  readonly from: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

export function importsOf(source: Source): Import[] {
  const code = withoutComments(source.text);
  const statement = /^(?:import|export)\s+(type\s)?([^"';]*?)\s*(?:from\s+)?"([^"]+)";|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...code.matchAll(statement)].map((match) => {
    const target = match[3] ?? match[4] ?? "";
    const names =
      /\{([^}]*)\}/
        .exec(match[2] ?? "")?.[1]
        ?.split(",")
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const allTypes = names.length > 0 && names.every((name) => name.startsWith("type "));
    const from = target.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(source.path), target)) : target;
    return { from, line: code.slice(0, match.index).split("\n").length, typeOnly: match[1] !== undefined || allTypes };
  });
}

/** A function with its length, from its first line to its closing brace. */
export interface FunctionLength {
  readonly line: number;
  readonly lines: number;
  readonly header: string;
}

const CONTROL = /^(?:if|for|while|switch|catch|do|with|return|else|try|throw|await)\b/;
const BEGINS_FUNCTION = [
  /\bfunction\b\*?\s*[\w$]*\s*(?:<[^(]*>)?\(/,
  /=>\s*\{$/,
  // A method: its name, its parameters, its body on the same line or the parameters on lines of their own.
  /^(?:(?:static|async|override|get|set|\*)\s*)*[#\w$]+(?:<[^(]*>)?\(.*\)(?::.*)?\s*\{$/,
  /^(?:(?:static|async|override)\s+)*[#\w$]+(?:<[^(]*>)?\($/,
];

/**
 * Functions of a formatted module. A body ends at the first line that begins with a brace at the indentation of the header
 * and does not open another block: the formatter guarantees it.
 */
export function functionsOf(text: string): FunctionLength[] {
  const lines = codeOnly(text).split("\n");
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  return lines.flatMap((line, index) => {
    const header = line.trim();
    if (CONTROL.test(header) || !BEGINS_FUNCTION.some((pattern) => pattern.test(header))) return [];
    const indent = indentOf(line);
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((next) => next.trim() !== "" && indentOf(next) <= indent && !/[{(]$/.test(next));
    const closing = rest[end] ?? "";
    if (indentOf(closing) !== indent || !closing.trim().startsWith("}")) return [];
    return [{ line: index + 1, lines: end + 2, header }];
  });
}
