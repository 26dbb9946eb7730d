/** Lanes as a browser shows them: found by a link, drawn in both themes, every hatch resolved, titles and texts large enough to read. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderHtml } from "./render.ts";
import { laneAnchor } from "./sections/lanes.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";

const html = renderHtml(fixtureSummary());
const place = laneAnchor("1-strike-memo", "s1a");

/** Run in the page; written as text since this project's types know no document. */
const OPEN_ALL = `for (const fold of document.querySelectorAll("details")) fold.open = true`;
const DRAWN = `[...document.querySelectorAll("svg.lane")].map((lane) => {
  const box = lane.getBoundingClientRect();
  const scale = box.width / 1200;
  const texts = [...lane.querySelectorAll("text")].filter((text) => text.textContent !== "");
  const fills = [...lane.querySelectorAll("rect")].map((rect) => getComputedStyle(rect).fill);
  const hatches = fills.map((fill) => /url\\("?#([^")]+)/.exec(fill)?.[1]).filter((id) => id !== undefined);
  return {
    width: box.width,
    smallest: Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * scale)),
    untitled: [...lane.querySelectorAll("rect:not(.ln-band)")].filter((rect) => !rect.parentElement.querySelector("title")).length,
    missing: hatches.filter((id) => document.getElementById(id) === null),
    outside: texts.filter((text) => {
      const own = text.getBoundingClientRect();
      return own.left < box.left - 1 || own.right > box.right + 1;
    }).map((text) => text.textContent),
    ink: getComputedStyle(texts[0]).fill,
  };
})`;

interface DrawnLane {
  readonly width: number;
  readonly smallest: number;
  readonly untitled: number;
  readonly missing: readonly string[];
  readonly outside: readonly string[];
  readonly ink: string;
}

let browser: TestBrowser;
beforeAll(async () => {
  if (CHROMIUM !== undefined) browser = await startBrowser();
});
afterAll(() => browser?.close());

describe.skipIf(CHROMIUM === undefined)(inChromium("lanes in a browser"), () => {
  test.each([false, true])("are drawn whole and can be read (dark: %s)", async (dark) => {
    const { page, complaints } = await browser.open(html, { dark });
    await page.evaluate(OPEN_ALL);
    const lanes = await page.evaluate<readonly DrawnLane[]>(DRAWN);
    expect(lanes).toHaveLength(5);
    for (const lane of lanes) {
      expect(lane.width).toBeGreaterThan(1_000);
      expect(lane.smallest).toBeGreaterThanOrEqual(10);
      expect(lane).toMatchObject({ untitled: 0, missing: [], outside: [] });
      expect(lane.ink).toBe(dark ? "rgb(160, 168, 176)" : "rgb(89, 98, 108)");
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a link opens the trial's part and leads to the session", async () => {
    const { page, complaints } = await browser.open(html, { hash: `#${place}` });
    const figure = page.locator(`[id="${place}"]`);
    await figure.locator("svg.lane").waitFor({ state: "visible" });
    await page.waitForFunction(
      `(() => { const top = document.getElementById(${JSON.stringify(place)}).getBoundingClientRect().top; return top >= 0 && top < innerHeight; })()`,
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("the events stand behind the drawing, in words", async () => {
    const { page } = await browser.open(html, { hash: `#${place}` });
    const figure = page.locator(`[id="${place}"]`);
    await figure.locator("summary").click();
    const row = figure.locator("tr", { hasText: "bought again (avoidable" });
    await row.waitFor({ state: "visible" });
    expect(await row.innerText()).toContain("start 2 asks the model: purchase 2");
    await page.close();
  });

  test("on a narrow screen the drawing scrolls alone", async () => {
    const { page } = await browser.open(html, { width: 700, hash: `#${place}` });
    await page.locator(`[id="${place}"] svg.lane`).waitFor({ state: "visible" });
    const [wide, whole] = await page.evaluate<[number, number]>(
      `[document.querySelector('[id="${place}"] svg.lane').getBoundingClientRect().width, document.documentElement.scrollWidth]`,
    );
    expect(wide).toBeGreaterThanOrEqual(1_000);
    expect(whole).toBeLessThanOrEqual(700);
    await page.close();
  });
});
