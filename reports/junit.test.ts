import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import type { Summary } from "../harness/summary.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { escapeXml, renderJunit } from "./junit.ts";

interface Counts {
  readonly tests: string;
  readonly failures: string;
  readonly errors: string;
  readonly skipped: string;
}
interface Case {
  readonly classname: string;
  readonly name: string;
  readonly failure?: { readonly message: string };
  readonly error?: { readonly message: string };
  readonly skipped?: { readonly message: string };
}
interface Suite extends Counts {
  readonly name: string;
  readonly testcase: readonly Case[];
}

function parsed(text: string): Counts & { readonly testsuite: readonly Suite[] } {
  expect(XMLValidator.validate(text)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => name === "testsuite" || name === "testcase",
  });
  return parser.parse(text).testsuites;
}

const cases = (summary: Summary): Case[] =>
  parsed(renderJunit(summary)).testsuite.flatMap(({ testcase }) => [...testcase]);

describe("JUnit XML", () => {
  test("a promise fails exactly where it is broken, and is skipped where nobody knows", () => {
    const summary = fixtureSummary();
    const suites = parsed(renderJunit(summary)).testsuite;
    for (const { runner, promise, state } of summary.promises) {
      const suite = suites.find(({ name }) => name === `promises of ${runner}`);
      const found = suite?.testcase.find(({ name }) => name === promise || name.startsWith(`${promise}: `));
      expect(found, `${runner} ${promise}`).toBeDefined();
      expect(found?.failure !== undefined, `${runner} ${promise} fails`).toBe(state === "broken");
      expect(found?.skipped !== undefined, `${runner} ${promise} is skipped`).toBe(
        state === "untested" || state === "not offered",
      );
    }
  });

  test("a trial that does not count is an error with its reason, and every other passes", () => {
    const summary = fixtureSummary();
    const trials = summary.scenarios.flatMap(({ results }) => results.flatMap((result) => result.trials));
    const errors = cases(summary).filter(({ error }) => error !== undefined);
    const voided = trials.filter(({ validity }) => validity.verdict !== "valid");
    expect(voided.length).toBeGreaterThan(0);
    for (const { validity } of voided)
      expect(errors.some(({ error }) => error?.message.startsWith(`${validity.verdict}: `))).toBe(true);
  });

  test("a trial that was never recorded is an error too", () => {
    const summary = { ...fixtureSummary(), void: [{ trial: "9-strike-ghost", reason: "The trial was not recorded." }] };
    expect(cases(summary).find(({ name }) => name === "9-strike-ghost")?.error?.message).toBe(
      "The trial was not recorded.",
    );
  });

  test("the counts of each suite and of all are those of its cases", () => {
    const all = parsed(renderJunit(fixtureSummary()));
    const count = (of: readonly Case[], outcome: "failure" | "error" | "skipped"): string =>
      String(of.filter((one) => one[outcome] !== undefined).length);
    const check = (counts: Counts, of: readonly Case[]): void => {
      expect(counts).toMatchObject({
        tests: String(of.length),
        failures: count(of, "failure"),
        errors: count(of, "error"),
        skipped: count(of, "skipped"),
      });
    };
    for (const suite of all.testsuite) check(suite, suite.testcase);
    check(
      all,
      all.testsuite.flatMap(({ testcase }) => [...testcase]),
    );
  });

  test.each([
    "<script>alert(1)</script>",
    '"&amp;]]>',
    "bell \u0007 and half a pair \ud800",
    "line\nbreak\ttab",
    "漢字 🏇",
  ])("a runner named %j is a name and nothing else", (name) => {
    const text = JSON.stringify(fixtureSummary()).replaceAll('"memo"', JSON.stringify(name));
    const written = renderJunit(JSON.parse(text) as Summary);
    expect(XMLValidator.validate(written)).toBe(true);
    expect(written).not.toContain("<script>");
    expect(written).toContain(`promises of ${escapeXml(name)}`);
  });

  test("characters that XML cannot hold are replaced, and all others kept", () => {
    expect(escapeXml("a\u0000b\u001bc\ufffe\udfffd\n🏇")).toBe("a\ufffdb\ufffdc\ufffd\ufffdd&#10;🏇");
  });

  test("the same summary gives the same bytes", () => {
    expect(renderJunit(fixtureSummary())).toBe(renderJunit(fixtureSummary()));
  });
});
