import { expect, test } from "vitest";
import type { Summary, TrialSummary } from "../harness/summary.ts";
import { answersOf } from "./answers.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderHtml } from "./html/render.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { profiledTrials } from "./profiled.ts";
import { whyNoFigures } from "./readings.ts";

const FILE = "trials/1-kill-memo/profile/server-2/flame.html";
const profiled = { by: "flame", starts: 2, left: 1, files: [FILE] };
const reasons = ["It was recorded under the profiler flame."];

/** The fixture as if every trial had been recorded under a profiler. */
function profiledSummary(): Summary {
  const summary = fixtureSummary();
  const under = (trial: TrialSummary): TrialSummary => ({
    ...trial,
    profiled,
    validity: { ...trial.validity, verdict: "profiled", gateable: false, reasons },
  });
  const scenarios = summary.scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({ ...result, trials: result.trials.map(under) })),
  }));
  return { ...summary, scenarios };
}

test("a profiled trial says by what, how much was left, and why the rest was not", () => {
  expect(profiledTrials(profiledSummary())[0]).toMatchObject({
    says: "by flame, 1 of 2 starts left a profile; what is killed leaves none",
    files: [{ path: FILE, name: "server-2/flame.html" }],
  });
  expect(profiledTrials(fixtureSummary())).toEqual([]);
});

test("the page and the Markdown link the profile from the campaign's folder; other campaigns say nothing of profiles", () => {
  const summary = profiledSummary();
  expect(renderHtml(summary)).toContain(`<a href="${FILE}">server-2/flame.html</a>`);
  expect(renderHtml(summary)).toContain("Profiled, never ranked");
  expect(renderMarkdown(summary)).toContain(`[server-2/flame.html](${FILE})`);
  expect(renderHtml(fixtureSummary())).not.toContain('id="profiles"');
  expect(renderMarkdown(fixtureSummary())).not.toContain("## Profiles");
});

test("no answer and no figure is made of a profiled trial, and it is skipped, not failed", () => {
  const summary = profiledSummary();
  expect(answersOf(summary).runners.every(({ kept, cost, valid }) => !kept.known && !cost.known && valid === 0)).toBe(
    true,
  );
  const [result] = summary.scenarios[0]?.results ?? [];
  expect(result && whyNoFigures(result)).toMatch(/^profiled, never ranked: It was recorded under the profiler flame/);
  const ofTrials = renderJunit(summary).match(/<(error|skipped) message="profiled:/g) ?? [];
  expect(new Set(ofTrials)).toEqual(new Set(['<skipped message="profiled:']));
});
