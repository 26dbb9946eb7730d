import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import type { Summary } from "../../harness/summary.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { browserFile } from "./browser-files.ts";
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

/** The fixture with each trial repeated in a second block. */
function twoBlocks(): Summary {
  const summary = fixtureSummary();
  return {
    ...summary,
    campaign: { ...summary.campaign, blocks: 2 },
    scenarios: summary.scenarios.map((scenario) => ({
      ...scenario,
      results: scenario.results.map((result) => ({
        ...result,
        trials: result.trials.flatMap((trial) => [trial, { ...trial, id: trial.id.replace("1-", "2-"), block: 2 }]),
      })),
    })),
  };
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
    expect(html).not.toMatch(/<(?:link|img|iframe|script)[^>]*\s(?:src|href)=|@import|url\(/);
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
    expect(canvases.length).toBe(1 + 3 * 5);
    for (const canvas of canvases) expect(canvas).toMatch(/role="img" aria-label="[^"]{40,}"/);
    expect(html.match(/Every second as a table/g)).toHaveLength(5);
    expect(html.match(/The curve as a table/g)).toHaveLength(1);
  });

  test("a void trial shows its reason and no figures", () => {
    const html = renderHtml(fixtureSummary());
    expect(html).toContain("void: does not count");
    expect(html).not.toContain('data-trial="1-hoard-journal"');
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

interface DrawnChart {
  readonly data: {
    readonly datasets: readonly {
      readonly label: string;
      readonly data: readonly { readonly x: number; readonly y: number | null }[];
    }[];
  };
  readonly options: {
    readonly plugins: { readonly derbyMarks?: { readonly spans: readonly { readonly kind: string }[] | null } };
    readonly scales: Readonly<
      Record<"x" | "y", { readonly min?: number; readonly max?: number; readonly suggestedMax?: number }>
    >;
  };
}

/** Runs the page's own scripts against a document of the very canvases that the page holds; returns what they would draw. */
function drawn(summary: Summary): readonly { readonly kind: string; readonly chart: DrawnChart }[] {
  const html = renderHtml(summary);
  const charts: { kind: string; chart: DrawnChart }[] = [];
  const decoded = (text: string) => text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
  const canvases = (html.match(/<canvas[^>]*>/g) ?? []).map((tag) => ({
    closest: () => null,
    dataset: Object.fromEntries(
      [...tag.matchAll(/data-(\w+)="([^"]*)"/g)].map((match) => [match[1], decoded(match[2] ?? "")]),
    ),
  }));
  class Chart {
    constructor(canvas: (typeof canvases)[number], chart: DrawnChart) {
      charts.push({ kind: canvas.dataset.chart ?? "", chart });
    }
  }
  const page = {
    getElementById: (id: string) => ({ textContent: island(html, id) }),
    querySelectorAll: () => canvases,
    addEventListener: () => undefined,
  };
  const environment = {
    document: page,
    matchMedia: () => ({ matches: true, addEventListener: () => undefined }),
    addEventListener: () => undefined,
    Chart,
  };
  new Script(["chart-frame.js", "charts.js"].map(browserFile).join("\n")).runInNewContext(environment);
  return charts;
}

describe("the charts", () => {
  test("runners of a scenario share their axes", () => {
    for (const kind of ["goodput", "overhead", "pending"]) {
      const axes = drawn(fixtureSummary())
        .filter((one) => one.kind === kind)
        .slice(0, 3)
        .map(({ chart }) => [
          chart.options.scales.x.max,
          chart.options.scales.y.max,
          chart.options.scales.y.suggestedMax,
        ]);
      expect(axes).toHaveLength(3);
      expect(new Set(axes.map(String)).size, kind).toBe(1);
    }
  });

  test("a recovery curve goes on to the end of the axis, above zero where sessions never recovered", () => {
    const [recovery] = drawn(fixtureSummary()).filter((one) => one.kind === "recovery");
    const ends = recovery?.chart.data.datasets.map((set) => [set.label, set.data.at(-1)]);
    expect(ends).toEqual([
      ["memo", { x: 10_000, y: 94.19999999999999 }],
      ["mailbox", { x: 10_000, y: 94.19999999999999 }],
      ["journal", { x: 10_000, y: 0 }],
    ]);
  });

  test("seconds without an answer leave a gap in the overhead", () => {
    const [overhead] = drawn(fixtureSummary()).filter((one) => one.kind === "overhead");
    expect(overhead?.chart.data.datasets[0]?.data[20]).toEqual({ x: 20, y: null });
  });

  test("spans that held a runtime up stand above its overhead, and above nothing else", () => {
    const charts = drawn(fixtureSummary()).filter((one) => one.kind !== "recovery");
    const kinds = (kind: string) =>
      charts
        .filter((one) => one.kind === kind)
        .map(({ chart }) => chart.options.plugins.derbyMarks?.spans?.map((span) => span.kind) ?? null);
    const all = ["minor-gc", "other-gc", "stall", "major-gc", "silence"];
    expect(kinds("overhead")).toEqual([[], [], [], all, all]);
    expect(new Set(kinds("goodput"))).toEqual(new Set([null]));
  });

  test("every block is drawn, each trial once", () => {
    const charts = drawn(twoBlocks());
    expect(charts.filter((one) => one.kind === "goodput")).toHaveLength(10);
    expect(charts.find((one) => one.kind === "recovery")?.chart.data.datasets.map((set) => set.label)).toContain(
      "memo, block 2",
    );
  });
});
