import { describe, expect, test } from "vitest";
import type { Summary } from "../harness/summary.ts";
import { golden } from "./fixture-golden.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { STEP_COLUMNS } from "./steps.ts";
import { renderTerminal, wrap } from "./terminal.ts";

/** The fixture with its first runner under another name. */
function renamed(name: string): Summary {
  return JSON.parse(JSON.stringify(fixtureSummary()).replaceAll('"memo"', JSON.stringify(name))) as Summary;
}

describe("the table in the terminal", () => {
  test("is what it was", () => {
    const text = renderTerminal(fixtureSummary(), { color: false, width: 100 });
    expect(text).toBe(golden("report.txt", text));
  });

  test.each([60, 80, 100, 160])("fits %d columns", (width) => {
    const lines = renderTerminal(renamed("a-runner-with-a-name-much-longer-than-any-column-ought-to-be:tuned"), {
      color: false,
      width,
    }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test("colour adds to the words and never replaces them", () => {
    const coloured = renderTerminal(fixtureSummary(), { color: true, width: 100 });
    const stripped = coloured.replace(/\p{Cc}\[\d+m/gu, "");
    expect(coloured).not.toBe(stripped);
    expect(stripped).toBe(renderTerminal(fixtureSummary(), { color: false, width: 100 }));
  });

  test("a name cannot move the cursor", () => {
    const text = renderTerminal(renamed("evil\u001b[2J\nname"), { color: false, width: 100 });
    expect(text).not.toContain("\u001b");
    expect(text).toContain("evil [2J name");
  });

  test("lines end between words, never between a number and its unit, and long words are cut", () => {
    expect(wrap("it took 48 ms in all", 13)).toEqual(["it took 48 ms", "in all"]);
    expect(wrap("it took 48 ms in all", 12)).toEqual(["it took", "48 ms in all"]);
    expect(wrap("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
  });

  test("a campaign in which no promise was tested does not say that none was broken", () => {
    const summary = fixtureSummary();
    const promises = summary.promises.map((row) => ({ ...row, state: "untested" as const }));
    const text = renderTerminal({ ...summary, promises }, { color: false, width: 100 });
    expect(text).toContain("No promise was tested.");
    expect(text).not.toContain("No promise was broken.");
  });

  test("an empty campaign is no error", () => {
    const empty = { ...fixtureSummary(), scenarios: [], promises: [], void: [], contestants: [] };
    expect(renderTerminal(empty, { color: false, width: 100 })).toContain("0 of 0 trials valid.");
  });
});

describe("Markdown", () => {
  test("is what it was", () => {
    const text = renderMarkdown(fixtureSummary());
    expect(text).toBe(golden("report.md", text));
  });

  test("a name cannot break out of its cell", () => {
    const text = renderMarkdown(renamed("a|b\n# <script>alert(1)</script> [x](y)"));
    expect(text).not.toContain("<script>");
    expect(text).not.toMatch(/^# a/m);
    const widths = text
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.match(/(?<!\\)\|/g)?.length);
    // One column for figures' names and one per runner, or one for steps and one per figure.
    expect(new Set(widths)).toEqual(new Set([5, STEP_COLUMNS.length + 2]));
  });

  test("every void trial is named with its reason", () => {
    expect(renderMarkdown(fixtureSummary())).toContain(
      "1-hoard-journal does not count: driver start lag p99.9 was 48 ms (limit 10 ms).",
    );
  });
});

describe("summary.json", () => {
  test("has its keys in order whatever the order in which they were set, and ends in a newline", () => {
    const summary = fixtureSummary();
    const turned = Object.fromEntries(Object.entries(summary).toReversed()) as unknown as Summary;
    expect(renderJson(turned)).toBe(renderJson(summary));
    expect(renderJson(summary)).toMatch(/^\{\n {2}"calibration": \{.*\n {2}"campaign": \{\n {4}"blocks": 1,.*\}\n$/s);
  });

  test("says the same as the summary", () => {
    expect(JSON.parse(renderJson(fixtureSummary()))).toEqual(fixtureSummary());
  });

  test("refuses a number that JSON cannot hold", () => {
    const summary = fixtureSummary();
    expect(() => renderJson({ ...summary, prices: { input: Number.NaN, output: 1 } })).toThrow(/not finite/);
  });
});
