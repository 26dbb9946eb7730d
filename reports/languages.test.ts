import { expect, test } from "vitest";
import type { Summary } from "../harness/summary.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderHtml } from "./html/render.ts";
import { tailsByLanguage } from "./languages.ts";
import { renderMarkdown } from "./markdown.ts";
import { tailsOf } from "./tails.ts";

/** The fixture with its last contestant in another language. */
function twoLanguages(): Summary {
  const summary = fixtureSummary();
  const last = summary.contestants.length - 1;
  const contestants = summary.contestants.map((one, index) => (index === last ? { ...one, language: "<Other>" } : one));
  return { ...summary, contestants };
}

test("tails of one language stand together, with their lowest and highest, and every value is that of its runner", () => {
  const summary = twoLanguages();
  const other = summary.contestants.at(-1)?.name;
  const tails = tailsByLanguage(summary);
  expect(tails).toHaveLength(tailsOf(summary).length);
  for (const [index, { languages }] of tails.entries()) {
    const values = new Map(tailsOf(summary)[index]?.runners.map(({ runner, valueMs }) => [runner, valueMs]));
    expect(languages).toHaveLength(2);
    for (const [column, language] of languages.entries())
      for (const { runner, valueMs } of language?.runners ?? []) {
        expect(valueMs).toBe(values.get(runner));
        expect(runner === other).toBe(column === 1);
        expect(valueMs).toBeGreaterThanOrEqual(language?.lowMs ?? Number.POSITIVE_INFINITY);
        expect(valueMs).toBeLessThanOrEqual(language?.highMs ?? Number.NEGATIVE_INFINITY);
      }
  }
  expect(tails.flatMap(({ languages }) => languages[1]?.runners ?? []).map(({ runner }) => runner)).toContain(other);
});

test("one language has nothing to be told apart from, and the reports say nothing", () => {
  expect(tailsByLanguage(fixtureSummary())).toEqual([]);
  expect(renderHtml(fixtureSummary())).not.toContain('id="languages"');
  expect(renderMarkdown(fixtureSummary())).not.toContain("Within a language");
});

test("page and Markdown tell them side by side, and a language's name is no markup", () => {
  expect(renderHtml(twoLanguages())).toMatch(/<section id="languages">.*&lt;Other&gt;/s);
  expect(renderMarkdown(twoLanguages())).toMatch(/## Within a language, and across.*&lt;Other&gt;/s);
  expect(renderHtml(twoLanguages())).not.toContain("<Other>");
});
