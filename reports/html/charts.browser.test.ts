import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Summary } from "../../harness/summary.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderHtml } from "./render.ts";
import { CHROMIUM, inChromium, type OpenPage, startBrowser, type TestBrowser } from "./testing/chromium.ts";

/** Opens every folded part that is around a chart, so that each canvas is laid out. */
const UNFOLD = `for (const canvas of document.querySelectorAll("canvas"))
  for (let around = canvas; around !== null; around = around.parentElement) if (around.matches("details")) around.open = true;`;
/** Brings one canvas after the other into view, as a reader would who reads everything. */
const DRAWN = `(canvas) => {
  if (Chart.getChart(canvas) === undefined) canvas.scrollIntoView({ block: "center" });
  return Chart.getChart(canvas) !== undefined;
}`;
const ALL_DRAWN = `[...document.querySelectorAll("canvas")].every(${DRAWN})`;
/** Of each canvas its name, kind, and how many colours there are in it; a blank one has a single one. */
const PIXELS = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colors = new Set(new Uint32Array(data.buffer));
  return { id: canvas.id, kind: canvas.dataset.chart, colors: colors.size, chart: Chart.getChart(canvas) !== undefined };
})`;

/** A promise of the page that holds once the condition does; the page's own policy forbids the evaluation that Playwright's waiting needs. */
const until = (condition: string): string =>
  `new Promise((resolve) => { const look = () => (${condition}) ? resolve() : requestAnimationFrame(look); look(); })`;

interface Pixels {
  readonly id: string;
  readonly kind: string;
  readonly colors: number;
  readonly chart: boolean;
}

const KINDS = new Set([
  ...["goodput", "overhead", "heat", "pending", "memory", "cpu"],
  ...["recovery", "spectrum", "intervals", "economy"],
]);

/** By how much a cell of one turn differs from the page, in the colour in which it differs most, of 255. */
const SINGLE_TURN = `(() => {
  const canvas = document.querySelector("canvas[data-chart=heat]");
  const { data, scales } = Chart.getChart(canvas);
  const cell = data.datasets[0].data.find(({ n, toMs }) => n === 1 && toMs > 50);
  const ratio = canvas.width / canvas.clientWidth;
  const [x, y] = [scales.x.getPixelForValue(cell.x) * ratio, scales.y.getPixelForValue(cell.y) * ratio];
  const seen = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
  const page = [1, 3, 5].map((at) => Number.parseInt(derbyCharts.colors.page.slice(at, at + 2), 16));
  return Math.max(...page.map((value, index) => Math.abs(value - seen[index])));
})()`;

async function drawAll({ page }: OpenPage): Promise<readonly Pixels[]> {
  await page.evaluate(UNFOLD);
  await page.evaluate(until(ALL_DRAWN));
  return page.evaluate<readonly Pixels[]>(PIXELS);
}

/** The fixture with each runner four times more, under other names. */
function manyRunners(): Summary {
  const summary = fixtureSummary();
  const names = (name: string) => [name, ...[1, 2, 3, 4].map((n) => `${name}:${n}`)];
  return {
    ...summary,
    contestants: summary.contestants.flatMap((one) => names(one.name).map((name) => ({ ...one, name }))),
    scenarios: summary.scenarios.map((scenario) => ({
      ...scenario,
      results: scenario.results.flatMap((result) =>
        names(result.runner).map((runner) => ({
          ...result,
          runner,
          trials: result.trials.map((trial) => ({ ...trial, id: trial.id.replace(result.runner, runner) })),
        })),
      ),
    })),
  };
}

describe.skipIf(CHROMIUM === undefined)(inChromium("the charts of a report"), () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test.each([{ dark: false }, { dark: true }])("each is drawn, and nothing complains (%j)", async (theme) => {
    const opened = await browser.open(renderHtml(fixtureSummary()), theme);
    const pixels = await drawAll(opened);
    expect(new Set(pixels.map(({ kind }) => kind))).toEqual(KINDS);
    expect(pixels.filter(({ chart, colors }) => !chart || colors < 8)).toEqual([]);
    expect(new Set(pixels.map(({ id }) => id)).size).toBe(pixels.length);
    expect(opened.complaints).toEqual([]);
    // A cell of a single turn stands out from the page.
    expect(await opened.page.evaluate<number>(SINGLE_TURN)).toBeGreaterThan(40);
    await opened.page.close();
  });

  test("charts follow the filter and the theme that the system has now", async () => {
    const { page, complaints } = await browser.open(renderHtml(fixtureSummary()));
    const canvas = "document.querySelector('canvas[data-chart=recovery]')";
    const sets = `Chart.getChart(${canvas})?.data.datasets ?? []`;
    const names = `(${sets}).map(({ label }) => label).join()`;
    const tell = (hidden: readonly string[]) =>
      page.evaluate(
        `document.dispatchEvent(new CustomEvent("derby:filter", { detail: { hidden: ${JSON.stringify(hidden)} } }))`,
      );
    await page.evaluate(`${canvas}.scrollIntoView()`);
    await page.evaluate(until(`${names} === "memo,mailbox,journal"`));
    await tell(["memo", "journal"]);
    await page.evaluate(until(`${names} === "mailbox"`));
    await tell([]);
    await page.evaluate(until(`${names} === "memo,mailbox,journal"`));
    const color = `(${sets})[0]?.borderColor`;
    const light = await page.evaluate<string>(color);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.evaluate(until(`${color} !== undefined && ${color} !== "${light}"`));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("of fifteen runners each has its row, trials are folded, and only what is near the window is drawn", async () => {
    const { page, complaints } = await browser.open(renderHtml(manyRunners()));
    const intervals = "document.querySelector('canvas[data-chart=intervals]')";
    await page.evaluate(`${intervals}.scrollIntoView()`);
    await page.evaluate(until(`Chart.getChart(${intervals}) !== undefined`));
    expect(await page.evaluate<number>(`${intervals}.clientHeight`)).toBeGreaterThan(15 * 30);
    const folded = "document.querySelectorAll('details[data-runner] canvas[data-chart=goodput]').length";
    expect(await page.evaluate<number>(folded)).toBe(15 + 10);
    const waiting = `[...document.querySelectorAll("canvas")].filter((one) => Chart.getChart(one) === undefined).length`;
    expect(await page.evaluate<number>(waiting)).toBeGreaterThan(100);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
