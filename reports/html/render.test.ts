import { describe, expect, test } from "vitest";
import type { Summary } from "../../harness/summary.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { chartLibrary } from "./chart-library.ts";
import { anchor } from "./markup.ts";
import { renderHtml } from "./render.ts";

/** The fixture with its first runner under another name. */
function renamed(name: string): Summary {
  return JSON.parse(JSON.stringify(fixtureSummary()).replaceAll('"memo"', JSON.stringify(name))) as Summary;
}

/** What stands in the script element with this id. */
function island(html: string, id: string): string {
  const found = new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, "s").exec(html);
  return found?.[1] ?? "";
}

describe("the page", () => {
  test("has the same bytes every time", () => {
    expect(renderHtml(fixtureSummary())).toBe(renderHtml(fixtureSummary()));
  });

  test("is one file below 1 MB", () => {
    expect(Buffer.byteLength(renderHtml(fixtureSummary()))).toBeLessThan(1_000_000);
  });

  test("fetches nothing: the only addresses are links to the homes of contestants", () => {
    const html = renderHtml(fixtureSummary())
      .replace(chartLibrary(), "")
      .replace(island(renderHtml(fixtureSummary()), "summary"), "");
    expect([...new Set(html.match(/https?:\/\/[^"<\s]*/g))]).toEqual(["https://nodejs.org/"]);
    expect(html).not.toMatch(/<(?:link|img|iframe|script)[^>]*\s(?:src|href)=|@import|url\((?!"?#)/);
    expect(html).not.toContain("sourceMappingURL");
    expect(html).toContain("default-src &#39;none&#39;");
  });

  test("a runner named like a script is a name", () => {
    const evil = `</script><script>alert("1")</script>'"&`;
    const html = renderHtml(renamed(evil));
    expect(html).not.toContain("<script>alert");
    expect(html.match(/<script/g)).toHaveLength(renderHtml(fixtureSummary()).match(/<script/g)?.length ?? 0);
    expect(JSON.parse(island(html, "summary"))).toEqual(renamed(evil));
  });

  test("a home page that is no web address stays text", () => {
    const summary = fixtureSummary();
    const contestants = summary.contestants.map((row) => ({ ...row, home: "javascript:alert(1)" }));
    expect(renderHtml({ ...summary, contestants })).not.toMatch(/href="javascript/);
  });

  test("carries the whole summary", () => {
    expect(JSON.parse(island(renderHtml(fixtureSummary()), "summary"))).toEqual(fixtureSummary());
  });

  test("every chart has a role, a sentence and a table", () => {
    const html = renderHtml(fixtureSummary());
    const canvases = html.match(/<canvas[^>]*>/g) ?? [];
    // Of each scenario intervals, spectra (overhead and latency) in calm and fault, and three panels on what was bought; one recovery.
    expect(canvases.length).toBe(1 + 6 * 5 + 2 * (2 + 4 + 3));
    for (const canvas of canvases) expect(canvas).toMatch(/role="img" aria-label="[^"]{40,}"/);
    expect(html.match(/Every second as a table/g)).toHaveLength(5);
    expect(html.match(/The curve as a table/g)).toHaveLength(1);
  });

  test("a void trial shows its reason and no figures", () => {
    const html = renderHtml(fixtureSummary());
    expect(html).toContain("void: does not count");
    expect(html).not.toMatch(/<canvas[^>]*data-trial="1-hoard-journal"/);
  });

  test("what is missing is said in words", () => {
    const html = renderHtml(fixtureSummary());
    for (const words of [
      "not enough",
      "no reads",
      "GC not exercised",
      "saturated",
      "not offered",
      "untested",
      "✗",
      "one block",
    ]) {
      expect(words === "✗" ? html.includes('class="text broken"') : html.includes(words), words).toBe(true);
    }
  });

  test("every link inside the page has its target", () => {
    const html = renderHtml(fixtureSummary());
    const targets = [...html.matchAll(/href="#([^"]*)"/g)].map((match) => match[1]);
    const ids = new Set([...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]));
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });

  test("an empty campaign is a page too", () => {
    const summary = { ...fixtureSummary(), scenarios: [], promises: [], void: [], contestants: [] };
    expect(renderHtml(summary)).toContain("No promise was judged.");
  });

  test("no two names share an anchor", () => {
    const names = ["a-b", "a_b", "a.b", "a b", "A-b", "a_2eb"];
    expect(new Set(names.map((name) => anchor("scenario", name))).size).toBe(names.length);
  });
});
