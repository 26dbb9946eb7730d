import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import type { Summary } from "../../harness/summary.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { FIXTURE_OVER_BLOCKS } from "../fixture-waits.ts";
import { browserFile } from "./browser-files.ts";
import { CHART_SCRIPTS, renderHtml } from "./render.ts";

interface Point {
  readonly x: number;
  readonly y: number | null;
}

interface DrawnChart {
  readonly data: {
    readonly datasets: readonly { readonly label: string; readonly data: readonly Point[] }[];
  };
  readonly options: {
    readonly plugins: {
      readonly derbyMarks?: { readonly spans: readonly { readonly kind: string }[] | null };
      readonly derbyBand?: { readonly band: { readonly low: number } | null };
      readonly derbyIntervals?: { readonly missing: readonly unknown[]; readonly nobody: string };
      readonly derbySums?: { readonly sums: readonly { readonly total: number; readonly says: string }[] };
    };
    readonly scales: Readonly<
      Record<"x" | "y", { readonly min?: number; readonly max?: number; readonly suggestedMax?: number }>
    >;
  };
}

interface Drawing {
  readonly kind: string;
  readonly which: Readonly<Record<string, string>>;
  readonly chart: DrawnChart;
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
        overBlocks: FIXTURE_OVER_BLOCKS,
        trials: result.trials.flatMap((trial) => [trial, { ...trial, id: trial.id.replace("1-", "2-"), block: 2 }]),
      })),
    })),
  };
}

const island = (html: string, id: string): string =>
  new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, "s").exec(html)?.[1] ?? "";

/** Just enough of a drawing context for a fill pattern. */
const patternContext = {
  fillRect: () => undefined,
  beginPath: () => undefined,
  moveTo: () => undefined,
  lineTo: () => undefined,
  stroke: () => undefined,
  createPattern: () => "striped",
};

/** Runs the page's own scripts against a document of the very canvases that the page holds. @param hidden runners that the filter hides */
function drawn(summary: Summary, hidden: readonly string[] = []): readonly Drawing[] {
  const html = renderHtml(summary);
  let drawings: Drawing[] = [];
  const decoded = (text: string) => text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
  const canvases = (html.match(/<canvas[^>]*>/g) ?? []).map((tag) => ({
    closest: () => null,
    dataset: Object.fromEntries(
      [...tag.matchAll(/data-(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? "", decoded(match[2] ?? "")]),
    ),
  }));
  class Chart {
    constructor({ dataset }: (typeof canvases)[number], chart: DrawnChart) {
      drawings.push({ kind: dataset.chart ?? "", which: dataset, chart });
    }
    destroy(): void {
      drawings = [];
    }
  }
  const listeners = new Map<string, (event: unknown) => void>();
  const page = {
    getElementById: (id: string) => ({ textContent: island(html, id) }),
    querySelectorAll: () => canvases,
    addEventListener: (name: string, listener: (event: unknown) => void) => listeners.set(name, listener),
    createElement: () => ({ getContext: () => patternContext }),
  };
  const environment = {
    document: page,
    matchMedia: () => ({ matches: true, addEventListener: () => undefined }),
    addEventListener: () => undefined,
    Chart,
  };
  new Script(CHART_SCRIPTS.map(browserFile).join("\n")).runInNewContext(environment);
  listeners.get("DOMContentLoaded")?.({});
  if (hidden.length > 0) listeners.get("derby:filter")?.({ detail: { hidden } });
  return drawings;
}

const ofKind = (kind: string, drawings = drawn(fixtureSummary())) => drawings.filter((one) => one.kind === kind);

describe("second by second", () => {
  test("runners of a scenario share their axes", () => {
    for (const kind of ["goodput", "overhead", "heat", "pending", "memory", "cpu"]) {
      const axes = ofKind(kind)
        .slice(0, 3)
        .map(({ chart: { options } }) => [options.scales.x.max, options.scales.y.max, options.scales.y.suggestedMax]);
      expect(axes).toHaveLength(3);
      expect(new Set(axes.map(String)).size, kind).toBe(1);
    }
  });

  test("seconds without an answer leave a gap in the overhead", () => {
    expect(ofKind("overhead")[0]?.chart.data.datasets[0]?.data[20]).toEqual({ x: 20, y: null });
  });

  test("spans that held a runtime up stand above its overhead, and above nothing else", () => {
    const kinds = (kind: string) =>
      ofKind(kind).map(({ chart }) => chart.options.plugins.derbyMarks?.spans?.map((span) => span.kind) ?? null);
    const all = ["minor-gc", "other-gc", "stall", "major-gc", "silence"];
    expect(kinds("overhead")).toEqual([[], [], [], all, all]);
    expect(new Set([...kinds("goodput"), ...kinds("heat")])).toEqual(new Set([null]));
  });

  test("goodput shows what was not answered and what was late, and the band of calm where there is a fault", () => {
    const goodput = ofKind("goodput");
    expect(goodput[0]?.chart.data.datasets.map(({ label }) => label)).toEqual([
      "offered",
      "intact",
      "amnesiac",
      "not answered",
      "late",
    ]);
    expect(goodput[0]?.chart.data.datasets[3]?.data[20]).toEqual({ x: 20, y: 15 });
    expect(goodput.map(({ chart }) => chart.options.plugins.derbyBand?.band?.low ?? null)).toEqual([
      84,
      84,
      84,
      null,
      null,
    ]);
  });

  test("a summary without endings, band and heat map is drawn as it used to be", () => {
    const old = JSON.parse(JSON.stringify(fixtureSummary()), (key, value) =>
      ["endings", "band", "heat", "intervals", "q"].includes(key) ? undefined : value,
    ) as Summary;
    const drawings = drawn(old);
    expect(ofKind("goodput", drawings)[0]?.chart.data.datasets).toHaveLength(3);
    expect(new Set(drawings.map(({ kind }) => kind))).toEqual(
      new Set(["recovery", "goodput", "overhead", "pending", "memory", "cpu", "economy"]),
    );
  });

  test("a heat map has every turn that was answered", () => {
    const [heat] = ofKind("heat");
    const cells = (heat?.chart.data.datasets[0]?.data ?? []) as readonly (Point & { readonly n: number })[];
    const [scenario] = fixtureSummary().scenarios;
    const columns = scenario?.results[0]?.trials[0]?.heat?.columns ?? [];
    const turns = columns.flatMap(([, ...counts]) => counts).reduce((sum, n) => sum + n, 0);
    expect(cells.reduce((sum, { n }) => sum + n, 0)).toBe(turns);
  });

  test("every block is drawn, each trial once", () => {
    const drawings = drawn(twoBlocks());
    expect(ofKind("goodput", drawings)).toHaveLength(10);
    const [recovery] = ofKind("recovery", drawings);
    expect(recovery?.chart.data.datasets.map(({ label }) => label)).toContain("memo, block 2");
  });
});

describe("recovery", () => {
  test("a curve goes on to the end of the axis, above zero where sessions never recovered", () => {
    const ends = ofKind("recovery")[0]?.chart.data.datasets.map((set) => [set.label, set.data.at(-1)]);
    expect(ends).toEqual([
      ["memo", { x: 10_000, y: 94.19999999999999 }],
      ["mailbox", { x: 10_000, y: 94.19999999999999 }],
      ["journal", { x: 10_000, y: 0 }],
    ]);
  });
});

describe("waiting", () => {
  const spectrum = (phase: string, measure: string) =>
    ofKind("spectrum").find(({ which }) => which.phase === phase && which.measure === measure)?.chart;

  test("a spectrum has the intended start and the successful attempt of each runner, and ends with the longest turn", () => {
    const sets = spectrum("fault", "overhead")?.data.datasets ?? [];
    expect(sets.map(({ label }) => label)).toEqual(
      ["memo", "mailbox", "journal"].flatMap((runner) => [runner, `${runner}, successful attempt alone`]),
    );
    const [longest] =
      fixtureSummary().scenarios[0]?.results[0]?.trials[0]?.latency.filter(
        ({ cohort, phase }) => cohort === "chatty" && phase === "fault",
      ) ?? [];
    expect(sets[0]?.data.at(-1)).toMatchObject({ x: 1800, y: longest?.overheadMs.max, q: null });
    expect(sets[1]?.data.at(-1)?.x).toBeCloseTo(100, 6);
  });

  test("half of the turns lie at 2, nine tenths at 10: the axis is 1 / (1 − q)", () => {
    const places = spectrum("calm", "latency")?.data.datasets[0]?.data.map(({ x }) => x) ?? [];
    expect([places[0], places[10], places[18]].map((x) => Number(x?.toFixed(9)))).toEqual([1, 2, 10]);
  });

  test("calm and fault share their axes", () => {
    const axes = ["calm", "fault"].map((phase) => {
      const scales = spectrum(phase, "overhead")?.options.scales;
      return [scales?.x.max, scales?.y.min, scales?.y.max].join();
    });
    expect(axes[0]).toBe(axes[1]);
  });

  test("of one block the intervals are those of the trial; a quantile that nobody has is said", () => {
    const charts = ofKind("intervals").map(({ chart }) => chart);
    expect(charts[0]?.data.datasets.map(({ data }) => data.length)).toEqual([3, 3, 3]);
    expect(charts[1]?.data.datasets.map(({ data }) => data.length)).toEqual([3, 3, 0]);
    expect(charts[1]?.data.datasets[1]?.data[0]).toMatchObject({ sure: false });
    expect(charts[1]?.options.plugins.derbyIntervals).toMatchObject({
      missing: [],
      nobody: "p99: not enough for anyone",
    });
  });

  test("of several blocks they are those of the median of the blocks", () => {
    const [calm] = ofKind("intervals", drawn(twoBlocks()));
    const [interval] = FIXTURE_OVER_BLOCKS.figures;
    expect(calm?.chart.data.datasets[0]?.data[0]).toMatchObject({
      ms: interval?.median,
      low: interval?.interval?.low,
      sure: true,
    });
  });
});

describe("what was bought", () => {
  test("bars add up to what was bought, and the sums stand beside them", () => {
    const [bought, again, tokens] = ofKind("economy").map(({ chart }) => chart.options.plugins.derbySums?.sums);
    expect(bought?.[0]).toEqual({ total: 9316, says: "9,316, $32.92" });
    expect(again?.[0]).toEqual({ total: 355, says: "355, $0.81" });
    expect(tokens?.[2]).toEqual({ total: 132_200, says: "132 k of 8.92 M" });
  });
});

test("hidden runners are in no chart that shows several", () => {
  const drawings = drawn(fixtureSummary(), ["memo"]);
  const labels = [...ofKind("recovery", drawings), ...ofKind("spectrum", drawings)].flatMap(({ chart }) =>
    chart.data.datasets.map(({ label }) => label),
  );
  expect(labels.length).toBeGreaterThan(0);
  expect(labels.filter((label) => label.startsWith("memo"))).toEqual([]);
  for (const { chart } of ofKind("intervals", drawings).slice(0, 2))
    expect(chart.data.datasets[0]?.data).toHaveLength(2);
});

describe("down-sampling", () => {
  /** What the page would draw of these values, at most so many points. */
  function thinned(values: readonly (number | null)[], most: number): readonly Point[] {
    const points = values.map((y, x) => ({ x, y }));
    const source = `${browserFile("down-sampling.js")}; derbySampling.thin(points, most)`;
    return new Script(source).runInNewContext({ points, most }) as readonly Point[];
  }
  /** Noise with rare spikes and holes, from a seed. */
  function noise(seed: number, length: number): readonly (number | null)[] {
    let state = seed;
    const next = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    };
    return Array.from({ length }, () => (next() < 0.01 ? null : next() < 0.002 ? next() * 1e5 : next() * 50));
  }

  test("short lines stay as they are", () => {
    expect(thinned([1, 2, 3], 10).map(({ y }) => y)).toEqual([1, 2, 3]);
  });

  test.each([1, 2, 3, 4, 5])(
    "the lowest and the highest value and every gap of a stretch stay, in order (seed %i)",
    (seed) => {
      const values = noise(seed, 9_973);
      const kept = thinned(values, 600);
      expect(kept.length).toBeLessThanOrEqual(600);
      const known = values.filter((value) => value !== null);
      const drawnValues = kept.flatMap(({ y }) => y ?? []);
      expect(Math.max(...drawnValues)).toBe(Math.max(...known));
      expect(Math.min(...drawnValues)).toBe(Math.min(...known));
      for (const { x, y } of kept) expect(values[x]).toBe(y);
      expect(kept.map(({ x }) => x)).toEqual(kept.map(({ x }) => x).toSorted((a, b) => a - b));
      const width = Math.ceil(values.length / 200);
      const holes = new Set(values.flatMap((value, x) => (value === null ? [Math.floor(x / width)] : [])));
      expect(new Set(kept.flatMap(({ x, y }) => (y === null ? [Math.floor(x / width)] : [])))).toEqual(holes);
    },
  );
});
