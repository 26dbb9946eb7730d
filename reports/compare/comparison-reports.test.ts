import { describe, expect, test } from "vitest";
import { golden } from "../fixture-golden.ts";
import { browserFile } from "../html/browser-files.ts";
import { fixtureComparison } from "./fixture-comparison.ts";
import { renderComparisonHtml } from "./html.ts";
import { renderComparisonMarkdown } from "./markdown.ts";
import { renderComparisonTerminal, sparkline } from "./terminal.ts";
import { answerText } from "./wording.ts";

const HOSTILE = '<script>alert("x")</script>|`\u001b[31m';

/** What the script hands to the chart library, as far as it is looked at here. */
interface ChartConfig {
  readonly data: {
    readonly datasets: readonly { readonly label: string; readonly data: readonly { readonly y: number }[] }[];
  };
  readonly options: { readonly scales: { readonly y: { readonly min: number; readonly max: number } } };
}

describe("the text of a comparison", () => {
  test("is the golden file", () => {
    const text = renderComparisonTerminal(fixtureComparison(), { color: false, width: 110 });
    expect(text).toBe(golden("comparison.txt", text));
  });

  test.each([60, 80, 140])("keeps within %i columns", (width) => {
    const lines = renderComparisonTerminal(fixtureComparison(), { color: false, width }).split("\n");
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  test("lets no name move the cursor", () => {
    expect(renderComparisonTerminal(fixtureComparison(HOSTILE), { color: false, width: 100 })).not.toContain("\u001b");
  });

  test("as Markdown is the golden file, and no name leaves its cell", () => {
    const text = renderComparisonMarkdown(fixtureComparison());
    expect(text).toBe(golden("comparison.md", text));
    expect(renderComparisonMarkdown(fixtureComparison(HOSTILE))).not.toContain("<script>");
  });

  test("draws a bar per quantile, low for a faster b and high for a slower one", () => {
    const points = [0.4, 0.99, 1.01, 2.5].map((ratio, index) => ({ q: index / 4, ratio, low: ratio, high: ratio }));
    expect(sparkline({ cohort: "c", phase: "calm", measure: "overhead", pairs: 1, band: "range", points })).toBe(
      "▁▄▅█",
    );
  });
});

test("every answer says what it is worth", () => {
  const texts = fixtureComparison().scenarios[0]?.figures.map(answerText);
  expect(texts).toEqual([
    "worse by 2.4 ms",
    "better by 17 ms",
    "no difference larger than 9.0 %; 6.2 % would be found",
    "no difference larger than 5.0 %; 4.9 % would be found (below 0.8 ms, within measuring)",
    "inconclusive",
    "not enough pairs (3 of 10 needed)",
    "not enough: no pair has it",
  ]);
});

describe("the page of a comparison", () => {
  const page = renderComparisonHtml(fixtureComparison(HOSTILE));

  test("holds no name as markup and asks no network for anything", () => {
    expect(page).not.toContain('<script>alert("x")');
    expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)");
    const outside = page.replace(/<script>[\s\S]*?<\/script>/g, "");
    expect(outside).not.toMatch(/\b(?:src|href)="?(?:https?:)?\/\//);
    expect(page).toContain("default-src &#39;none&#39;");
  });

  test("carries the comparison, a plot of each shift and its numbers for those who cannot see it", () => {
    const json = /<script type="application\/json" id="comparison">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    expect(JSON.parse(json)).toEqual(fixtureComparison(HOSTILE));
    expect(
      page.match(/<canvas data-match="0" data-shift="0" role="img" aria-label="Shift of overhead of chatty, fault">/g),
    ).toHaveLength(1);
    expect(page).toContain("p99");
  });

  test("has a script that draws each shift with its band, on axes that end beyond every point", () => {
    const look = { intact: "#0072B2", grid: "#000", rule: "#000", muted: "#000" };
    const islands = { comparison: fixtureComparison(), look: { light: look, dark: look } };
    const document = {
      getElementById: (id: "comparison" | "look") => ({ textContent: JSON.stringify(islands[id]) }),
      querySelectorAll: () => [{ dataset: { match: "0", shift: "0" } }],
    };
    const drawn: ChartConfig[] = [];
    class Chart {
      constructor(_canvas: unknown, config: ChartConfig) {
        drawn.push(config);
      }
    }
    const theme = { matches: false, addEventListener: () => undefined };
    const script = new Function("document", "matchMedia", "addEventListener", "Chart", browserFile("shift.js"));
    script(
      document,
      () => theme,
      () => undefined,
      Chart,
    );
    expect(drawn).toHaveLength(1);
    const { data, options } = drawn[0] ?? { data: { datasets: [] }, options: null };
    expect(data.datasets.map(({ label }) => label)).toEqual(["b/a", "low", "high", "equal"]);
    const values = data.datasets.flatMap((set) => set.data.map(({ y }) => y));
    expect(options?.scales.y.max).toBeGreaterThanOrEqual(Math.max(...values));
    expect(options?.scales.y.min).toBeLessThanOrEqual(Math.min(...values));
  });

  test("is the same for the same comparison", () => {
    expect(renderComparisonHtml(fixtureComparison())).toBe(renderComparisonHtml(fixtureComparison()));
  });
});
