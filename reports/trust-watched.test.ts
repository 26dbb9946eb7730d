/** A live page takes its share of the harness's cores, so whoever reads a figure is told that one was served. */
import { describe, expect, test } from "vitest";
import type { Summary } from "../harness/summary.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderHtml } from "./html/render.ts";
import { trustNotes } from "./trust.ts";

/** The fixture with some of its trials watched. */
function watched(pages: number, isWatched: (id: string) => boolean): Summary {
  const summary = fixtureSummary();
  const scenarios = summary.scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({
      ...result,
      trials: result.trials.map((trial) => {
        if (!isWatched(trial.id)) return trial;
        const certificate = { ...trial.validity.certificate, watched: pages };
        return { ...trial, validity: { ...trial.validity, certificate } };
      }),
    })),
  }));
  return { ...summary, scenarios };
}

const notes = (summary: Summary): string[] =>
  trustNotes(summary).flatMap(({ says }) => (says.includes("live page") ? [says] : []));

describe("a campaign that was watched", () => {
  test("says so where trust is spoken of, and how many of its trials", () => {
    expect(notes(fixtureSummary())).toEqual([]);
    expect(notes(watched(1, () => true))).toEqual([
      "Every trial was recorded while a live page was served from the harness's cores (--watch); limits are the same.",
    ]);
    expect(notes(watched(1, (id) => id.endsWith("memo")))).toEqual([
      expect.stringMatching(/^2 of 5 trials were recorded/),
    ]);
  });

  test.each([
    [0, "at most 0 pages were open at once"],
    [1, "at most 1 page was open at once"],
    [3, "at most 3 pages were open at once"],
  ])("with %s pages says so in its certificates", (pages, says) => {
    const html = renderHtml(watched(pages, (id) => id === "1-strike-memo"));
    expect(html.split(says)).toHaveLength(2);
    expect(renderHtml(fixtureSummary())).not.toContain("<b>Watched.</b>");
  });
});
