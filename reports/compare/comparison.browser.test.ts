import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seriousFindings } from "../html/testing/axe.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "../html/testing/chromium.ts";
import { fixtureComparison } from "./fixture-comparison.ts";
import { renderComparisonHtml } from "./html.ts";

/** Whether a canvas holds anything but one colour. */
const DRAWN = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint32Array(data.buffer);
  return pixels.some((pixel) => pixel !== pixels[0]);
})`;

describe.skipIf(CHROMIUM === undefined)(inChromium("the page of a comparison"), () => {
  const comparison = fixtureComparison();
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test.each([
    { theme: "light", dark: false },
    { theme: "dark", dark: true },
  ])("draws the shift plot of every cohort and phase without a complaint, $theme", async ({ dark }) => {
    const { page, complaints } = await browser.open(renderComparisonHtml(comparison), { dark });
    const shifts = comparison.scenarios.flatMap((match) => match.shifts);
    const drawn = (await page.evaluate(DRAWN)) as boolean[];
    expect(drawn).toEqual(shifts.map(() => true));
    expect(complaints).toEqual([]);
  });

  test("shows the answer of every figure that was compared, and in what the sides differ", async () => {
    const { page } = await browser.open(renderComparisonHtml(comparison));
    const text = await page.innerText("main");
    for (const { answer, a, b } of comparison.scenarios.flatMap((match) => match.figures))
      if (a !== null || b !== null) expect(text).toContain(answer);
    for (const { what } of comparison.differences) expect(text).toContain(what);
  });

  test("has no serious finding by axe", async () => {
    const { page } = await browser.open(renderComparisonHtml(comparison), { bypassCsp: true });
    expect(await seriousFindings(page)).toEqual([]);
  });
});
