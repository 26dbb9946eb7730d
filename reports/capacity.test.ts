import { describe, expect, test } from "vitest";
import { boundText, capacityHeads, capacityRows, capacityText } from "./capacity.ts";
import { FIXTURE_CAPACITY } from "./fixture-capacity.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderHtml } from "./html/render.ts";
import { renderMarkdown } from "./markdown.ts";

const summary = { ...fixtureSummary(), capacity: FIXTURE_CAPACITY };

describe("capacity in reports", () => {
  test("a capacity that the load held down is called at least, and a share of it at most", () => {
    const rows = new Map(capacityRows(FIXTURE_CAPACITY).map(({ runner, cells }) => [runner, cells]));
    expect(rows.get("memo")).toEqual(["1,210/s", "4 connections", "6.0 ms", "its core was full", "15 %", "7.4 %"]);
    expect(rows.get("mailbox")?.[0]).toBe("at least 2,750/s");
    expect(rows.get("mailbox")?.slice(4)).toEqual(["at most 6.6 %", "–"]);
    expect(rows.get("mailbox")?.[3]).toContain("load-bound");
    expect(capacityHeads(FIXTURE_CAPACITY).slice(4)).toEqual(["strike (180/s)", "hoard (90/s)"]);
  });

  test("a runner of whom no step counts has no capacity, and says so", () => {
    const none = { runner: "mute", hash: "", recorded: "2026-11-19", steps: [], knee: null };
    expect(capacityText(none)).toBe("unknown");
    expect(boundText(none)).toContain("no step");
  });

  test("page and Markdown show it, and errors of a runner stay text", () => {
    const html = renderHtml(summary);
    expect(html).toContain('<section id="capacity">');
    expect(html.match(/data-chart="capacity"/g)).toHaveLength(2);
    expect(html).toContain("void: A turn was answered with 500 &lt;b&gt;oops&lt;/b&gt;.");
    expect(renderMarkdown(summary)).toContain("| memo | 1,210/s | 4 connections |");
  });

  test("a summary without it is shown without the section", () => {
    expect(renderHtml(fixtureSummary())).not.toContain('id="capacity"');
    expect(renderMarkdown(fixtureSummary())).not.toContain("## Capacity");
  });
});
