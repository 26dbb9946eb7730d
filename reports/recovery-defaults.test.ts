import { expect, test } from "vitest";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderHtml } from "./html/render.ts";
import { renderMarkdown } from "./markdown.ts";
import { recoveryDefaults } from "./recovery-defaults.ts";

test("each default stands in one row beside those of the other runners, and what a runner does not say stays empty", () => {
  const summary = fixtureSummary();
  expect(recoveryDefaults(summary)).toEqual({
    runners: ["memo", "mailbox", "journal"],
    rows: [
      { what: "who takes up an interrupted turn", cells: ["nobody", null, "the next start, unasked"] },
      { what: "lease", cells: [null, null, "30 s | <none> at first touch"] },
    ],
  });
  const silent = { ...summary, contestants: summary.contestants.map(({ recovery: _, ...one }) => one) };
  expect(recoveryDefaults(silent)).toBeNull();
  expect(renderMarkdown(silent)).not.toContain("Defaults that decide recovery");
});

test("reports print them with what a runner wrote as text", () => {
  const summary = fixtureSummary();
  expect(renderMarkdown(summary)).toContain("| lease | – | – | 30 s \\| &lt;none&gt; at first touch |");
  const html = renderHtml(summary);
  expect(html).toContain("Defaults that decide recovery");
  expect(html).toContain("30 s | &lt;none&gt; at first touch");
});
