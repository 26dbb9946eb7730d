/** Claims on the page: in the words of those who make them, with what they rest on. */
import { expect, test } from "vitest";
import { withClaims } from "../../harness/claims.ts";
import { FIXTURE_CLAIMS } from "../fixture-claims.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderMarkdown } from "../markdown.ts";
import { renderTerminal } from "../terminal.ts";
import { claimAnchor } from "./places.ts";
import { renderHtml } from "./render.ts";

const judged = withClaims(fixtureSummary(), FIXTURE_CLAIMS);
const html = renderHtml(judged);

test("a claim stands with its verdict, its source and the trials that it rests on", () => {
  const [section = ""] = /<section id="claims">[\s\S]*?<\/section>/.exec(html) ?? [];
  expect(section).toContain("1 supported and 1 not tested");
  expect(section).toContain(`<li id="${claimAnchor("memory-dies")}"><b><span class="kept">supported</span></b>`);
  expect(section).toContain('<a href="https://example.org/talk" rel="noopener noreferrer">source</a>');
  expect(section).toContain("conversations forgotten at least 1");
  expect(section).toContain('<a href="#verdicts.1-strike-memo">1-strike-memo</a>');
});

test("one that was not tested is named, folded, and nothing in it becomes markup or a script", () => {
  expect(html).toContain("1 claim that this campaign did not test");
  expect(html).toContain("&lt;b&gt;Bold&lt;/b&gt; claims are true.");
  expect(html).not.toContain('href="javascript');
});

test("a summary without claims has no such section", () => {
  expect(renderHtml(fixtureSummary())).not.toContain('id="claims"');
});

test("Markdown and terminal tell the claims that were tested, and only those", () => {
  const markdown = renderMarkdown(judged);
  expect(markdown).toContain("- **supported**: “What is only in memory is gone after a kill.” (everybody)");
  expect(markdown).not.toContain("Bold");
  const terminal = renderTerminal(judged, { color: false, width: 100 });
  expect(terminal).toContain("supported: “What is only in memory is gone after a kill.”");
  expect(terminal).not.toContain("Bold");
});
