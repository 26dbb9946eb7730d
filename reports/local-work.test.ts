import { expect, test } from "vitest";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderHtml } from "./html/render.ts";
import { localWorkSentence } from "./local-work.ts";
import { renderMarkdown } from "./markdown.ts";

const burn = { tool: "burn_cpu", argument: "rounds", wantedMs: 200 } as const;
const localWork = [
  { runner: "mailbox", calls: [{ ...burn, size: 1_000_000, expectedMs: 200 }] },
  { runner: "me<mo", calls: [{ ...burn, size: 350_000, expectedMs: 90 }] },
];
const SAYS =
  "Each call was sized to take the same time alone on every runtime, so the work is not the same. " +
  "burn_cpu, 200 ms: 1,000,000 rounds on mailbox and 350,000 rounds on me<mo (the most it may be; that takes 90 ms).";

function summaryOfEqualTime() {
  const summary = fixtureSummary();
  const [first, ...others] = summary.scenarios;
  if (first === undefined) throw new Error("The fixture has no scenario.");
  return { ...summary, scenarios: [{ ...first, localWork }, ...others] };
}

test("work of equal time is told for each runner, and a size that a limit held back says so", () => {
  expect(summaryOfEqualTime().scenarios.map(localWorkSentence)).toEqual([SAYS, null]);
});

test("page and Markdown say it once, names escaped, and only where it is so", () => {
  const summary = summaryOfEqualTime();
  expect(renderHtml(summary).split(SAYS.replaceAll("<", "&lt;"))).toHaveLength(2);
  expect(renderMarkdown(summary).split("so the work is not the same")).toHaveLength(2);
  expect(renderMarkdown(fixtureSummary())).not.toContain("Each call was sized");
});
