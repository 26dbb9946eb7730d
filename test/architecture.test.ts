/** The lines that the architecture draws, held by a test: sizes, names, and which part may know which. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  codeOnly,
  functionsOf,
  type Import,
  importsOf,
  pathsOfProject,
  ROOT,
  readSources,
  type Source,
  withoutComments,
} from "./sources.ts";

const MOST_LINES = 300;
const MOST_FUNCTION_LINES = 60;
/** Nouns without effects: what everybody may know of the harness, values included. */
const PURE_NOUNS = [
  "budget/parts",
  "calibration",
  "capacity",
  "errors",
  "history",
  "identity",
  "profiles",
  "promises",
  "random",
  "runner",
  "scenario",
  "summary",
  "trial",
].map((noun) => `harness/${noun}.ts`);

const sources = readSources();
const product = sources.filter(({ isTest }) => !isTest);

/** Offenders as text, one per line; the message of a failing test shows them all. */
const offenders = (found: readonly string[]): string => found.join("\n");

/** Imports of the product's modules below `folder` that `forbidden` holds to be wrong. */
function wrongImports(folder: string, forbidden: (one: Import, source: Source) => boolean): string {
  const wrong = product
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .flatMap((source) =>
      importsOf(source)
        .filter((one) => forbidden(one, source))
        .map((one) => `${source.path}:${one.line} imports ${one.from}`),
    );
  return offenders(wrong);
}

/** Lines that match, comments left out; `read` says whether strings count. */
function linesThat(
  matches: RegExp,
  chosen: readonly Source[],
  read: (text: string) => string = withoutComments,
): string {
  return offenders(
    chosen.flatMap(({ path, text }) => {
      const shown = text.split("\n");
      const judged = read(text).split("\n");
      return judged.flatMap((line, index) =>
        matches.test(line) ? [`${path}:${index + 1}: ${shown[index]?.trim()}`] : [],
      );
    }),
  );
}

describe("sizes", () => {
  it(`no file is longer than ${MOST_LINES} lines`, () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > MOST_LINES);
    expect(offenders(long.map(({ path, lines }) => `${path}: ${lines} lines`))).toBe("");
  });

  it(`no function of the product is longer than ${MOST_FUNCTION_LINES} lines`, () => {
    const long = product.flatMap(({ path, text }) =>
      functionsOf(text)
        .filter(({ lines }) => lines > MOST_FUNCTION_LINES)
        .map(({ line, lines, header }) => `${path}:${line}: ${lines} lines: ${header}`),
    );
    expect(offenders(long)).toBe("");
  });

  it("the scanner finds the length of functions, methods and arrow functions", () => {
    const text = [
      "export async function* long(",
      "  a: number,",
      "): AsyncGenerator<number> {",
      "  if (a > 1) {",
      "    yield a;",
      "  }",
      "}",
      "class A {",
      "  static #make(a: number): A {",
      "    return new A();",
      "  }",
      "}",
      "const f = (a: number) => {",
      "  run(",
      "    a,",
      "  );",
      "};",
    ].join("\n");
    expect(functionsOf(text).map(({ line, lines }) => [line, lines])).toEqual([
      [1, 7],
      [9, 3],
      [13, 5],
    ]);
  });
});

describe("names", () => {
  it("files and folders are written in kebab-case, those of runners in other languages as these write them", () => {
    const other = /^runners\/.*(\.(go|py|exs?|erl|rs)|\/[a-z0-9_]+)$/;
    const wrong = pathsOfProject().filter(
      (path) => !/\.md$/.test(path) && !other.test(path) && !/^\.?[a-z0-9]+([-.][a-z0-9]+)*$/.test(basename(path)),
    );
    expect(offenders(wrong.filter((path) => !/Dockerfile|LICENSE|Cargo\.(toml|lock)$/.test(path)))).toBe("");
  });

  it("nothing is called utils, helper, manager, common or platform", () => {
    const banned = /(^|[-./])(utils?|helpers?|managers?|common|platform)([-.]|$)/;
    expect(offenders(pathsOfProject().filter((path) => banned.test(basename(path))))).toBe("");
  });
});

describe("walls", () => {
  it("a runner knows only runners/kit, itself and packages", () => {
    const home = (path: string): string => path.split("/").slice(0, 2).join("/");
    const relative = (one: Import): boolean => existsSync(join(ROOT, one.from.split("/")[0] ?? ""));
    expect(
      wrongImports(
        "runners",
        (one, { path }) => relative(one) && ![home(path), "runners/kit"].includes(home(one.from)),
      ),
    ).toBe("");
  });

  it("the harness knows no runner, no scenario and no command, and only bench.ts knows the reports", () => {
    expect(
      wrongImports(
        "harness",
        ({ from }, { path }) =>
          /^(runners|scenarios|claims|cli)\//.test(from) ||
          (from.startsWith("reports/") && path !== "harness/bench.ts"),
      ),
    ).toBe("");
  });

  it("reports know types and pure nouns of the harness, nothing that acts", () => {
    const acts = ({ from, typeOnly }: Import): boolean =>
      from.startsWith("harness/") && !typeOnly && !PURE_NOUNS.includes(from);
    expect(wrongImports("reports", (one) => acts(one) || /^(runners|scenarios|claims|cli)\//.test(one.from))).toBe("");
  });

  it("neither harness nor reports name a runner or a scenario", () => {
    const folders = readdirSync(join(ROOT, "runners"), { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== "kit",
    );
    const scenarios = readdirSync(join(ROOT, "scenarios"))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => basename(file, ".ts"));
    // A scenario may be named after the one fault it is about; the fault's name belongs to the harness.
    const faults = readdirSync(join(ROOT, "harness/nemeses")).map((file) => basename(file, ".ts"));
    const names = [...folders.map(({ name }) => name), ...scenarios].filter((name) => !faults.includes(name));
    const literal = new RegExp(`(["'\`])(${names.join("|")})\\1`);
    const judged = product.filter(({ path }) => /^(harness|reports)\//.test(path) && path !== "harness/profiles.ts");
    expect(linesThat(literal, judged)).toBe("");
  });
});

describe("habits", () => {
  it("no type is any, and no error of the compiler is silenced", () => {
    expect(linesThat(/(?::|\bas|<)\s*any\b(?=[\s;,)>[\]=|&]|$)/, sources, codeOnly)).toBe("");
    const silenced = sources.filter(({ text }) => /@ts-(ignore|nocheck)/.test(text)).map(({ path }) => path);
    expect(offenders(silenced)).toBe("");
  });

  it("no test is focused, and none is skipped but under a condition or with what it needs in its name", () => {
    const tests = sources.filter(({ path }) => path.endsWith(".test.ts"));
    expect(linesThat(/\b(it|test|describe)\.only\b/, tests, codeOnly)).toBe("");
    expect(linesThat(/\b(it|test|describe)(\.\w+)*\.(skip|todo)\(("(?!.*needs )|$)/, tests)).toBe("");
    expect(linesThat(/\.(skipIf|runIf)\((true|false)\)/, tests)).toBe("");
  });

  it("the two commands of the README are those that CI runs", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const ci = readFileSync(join(ROOT, ".ci/run"), "utf8");
    for (const command of ["npm ci", "npm run bench", "npm test"]) {
      expect(readme, `README.md names ${command}`).toContain(command);
      expect(ci, `.ci/run runs ${command}`).toMatch(new RegExp(`^[^#\\n]*${command}\\b`, "m"));
    }
  });
});
