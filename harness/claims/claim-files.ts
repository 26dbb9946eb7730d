/** Reads the files of `claims/`, found by scanning, or lists every problem in one UsageError. A folder that is not there holds none. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Claim } from "../claims.ts";
import { UsageError } from "../errors.ts";
import { type Problems, Shape } from "../shape.ts";
import { CLAIM_FIGURES } from "./figures.ts";

const KEYS = ["says", "who", "source", "tests"] as const;
const TEST_KEYS = ["runners", "scenario", "figure", "is", "value", "timesThat", "plus"] as const;
const FIGURES = Object.keys(CLAIM_FIGURES);

function checkTest(test: Shape): void {
  test.keys(TEST_KEYS);
  test.names("runners", true);
  test.text("scenario");
  test.oneOf("figure", FIGURES);
  test.oneOf("is", ["at least", "at most"]);
  test.number("value", 0, 1e9);
  test.number("plus", 0, 1e9, "optional");
  if (test.value.timesThat === undefined) return;
  const other = test.child("timesThat");
  other?.keys(["figure", "runner"]);
  other?.oneOf("figure", FIGURES);
  other?.text("runner", "optional");
}

/** Every problem of one claim. @param content what its file holds */
export function claimProblems(content: unknown): readonly string[] {
  const problems: Problems = [];
  const shape = Shape.of(content, problems, "");
  if (shape === undefined) return ["expected an object"];
  shape.keys(KEYS);
  for (const key of ["says", "who", "source"] as const) shape.text(key);
  const tests = shape.children("tests");
  for (const test of tests) checkTest(test);
  if (tests.length === 0) shape.problem("tests", "a list with at least one test", shape.value.tests);
  return problems;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`${basename(path)} in claims/ is no JSON: ${(error as Error).message}`);
  }
}

/** All claims, by name. @throws UsageError naming every problem of every file */
export function readClaims(folder: string): readonly Claim[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  const read = files.map((name) => ({ name, content: parsed(join(folder, name)) }));
  const problems = read.flatMap(({ name, content }) =>
    claimProblems(content).map((problem) => `claims/${name}: ${problem}`),
  );
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return read.map(({ name, content }) => ({ id: basename(name, ".json"), ...(content as Omit<Claim, "id">) }));
}
