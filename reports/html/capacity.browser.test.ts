import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIXTURE_CAPACITY } from "../fixture-capacity.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderHtml } from "./render.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";

const PAGE = renderHtml({ ...fixtureSummary(), capacity: FIXTURE_CAPACITY });
const chart = (measure: string): string =>
  `Chart.getChart(document.querySelector('canvas[data-chart=capacity][data-measure=${measure}]'))`;
const until = (condition: string): string =>
  `new Promise((resolve) => { const look = () => (${condition}) ? resolve() : requestAnimationFrame(look); look(); })`;
const labels = (measure: string): string => `(${chart(measure)}?.data.datasets ?? []).map(({ label }) => label)`;
const DRAWN = `document.getElementById("capacity").scrollIntoView(), ${chart("rate")} && ${chart("p99")}`;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly knee: boolean;
}

describe.skipIf(CHROMIUM === undefined)(inChromium("the capacity curves"), () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("both are drawn, with what scenarios offer across; one knee each, and no step with errors", async () => {
    const { page, complaints } = await browser.open(PAGE);
    await page.evaluate(until(DRAWN));
    expect(await page.evaluate<string[]>(labels("rate"))).toEqual([
      ...["journal", "mailbox", "memo"],
      ...["hoard offers", "strike offers"],
    ]);
    expect(await page.evaluate<string[]>(labels("p99"))).toContain("slowest that counts");
    const journal = await page.evaluate<Point[]>(`${chart("rate")}.data.datasets[0].data`);
    expect(journal.map(({ x }) => x)).toEqual([1, 4, 16, 64]);
    expect(journal.filter(({ knee }) => knee).map(({ x }) => x)).toEqual([16]);
    const colors = await page.evaluate<number>(`(() => {
      const { canvas } = ${chart("rate")};
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })()`);
    expect(colors).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a runner that the filter hides has no curve", async () => {
    const { page, complaints } = await browser.open(PAGE);
    await page.evaluate(until(DRAWN));
    await page.evaluate(`document.dispatchEvent(new CustomEvent("derby:filter", { detail: { hidden: ["memo"] } }))`);
    await page.evaluate(until(`${labels("rate")}.length === 4 && !${labels("rate")}.includes("memo")`));
    expect(complaints).toEqual([]);
    await page.close();
  });
});
