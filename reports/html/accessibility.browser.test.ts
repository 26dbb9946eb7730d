/** The page for everybody: no serious finding by axe in either theme, folded or opened, and both themes look as they did. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withClaims } from "../../harness/claims.ts";
import { FIXTURE_CLAIMS } from "../fixture-claims.ts";
import { golden } from "../fixture-golden.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderHtml } from "./render.ts";
import { seriousFindings } from "./testing/axe.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";
import {
  distance,
  likeness,
  PICTURE_HEIGHT,
  PICTURE_WIDTH,
  pictureOf,
  readPicture,
  writePicture,
} from "./testing/picture.ts";

const html = renderHtml(withClaims(fixtureSummary(), FIXTURE_CLAIMS));

/** Grey values by which a picture may be off on average: letters differ between machines, a moved column is more. */
const TOLERANCE = 6;

describe.skipIf(CHROMIUM === undefined)(inChromium("accessibility"), () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  /** Everything opened. Rows of a table are much alike, and axe takes its time for each cell: the first three are enough. */
  const opened = async (dark: boolean) => {
    const { page, complaints } = await browser.open(html, { dark, bypassCsp: true });
    await page.evaluate(() => {
      for (const body of document.querySelectorAll("tbody")) for (const row of [...body.rows].slice(3)) row.remove();
      for (const part of document.querySelectorAll("details")) part.open = true;
    });
    return { page, complaints };
  };

  test("axe has no serious finding with everything opened", { timeout: 120_000 }, async () => {
    const { page, complaints } = await opened(false);
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("in the dark the contrasts are sufficient, too", { timeout: 120_000 }, async () => {
    const { page } = await opened(true);
    expect(await seriousFindings(page, ["color-contrast", "link-in-text-block"])).toEqual([]);
    await page.close();
  });

  test("axe would find a button without a name and grey on grey", async () => {
    const bad = `<!doctype html><html lang="en"><title>t</title><main><button></button><p style="color:#888;background:#999">grey`;
    const { page } = await browser.open(bad, { bypassCsp: true });
    const found = (await seriousFindings(page)).map((finding) => finding.split(":")[0]);
    expect(found.sort()).toEqual(["button-name", "color-contrast"]);
    await page.close();
  });

  test("every chart has a name, a table behind it, and no part of the page is reached by the mouse alone", async () => {
    const { page } = await browser.open(html);
    const wrong = await page.evaluate(() => ({
      unnamed: [...document.querySelectorAll("canvas")].filter(
        (chart) => chart.getAttribute("role") !== "img" || (chart.getAttribute("aria-label") ?? "").length < 20,
      ).length,
      clickable: [...document.querySelectorAll("[onclick], [role=button]:not(button)")].length,
      without: [...document.querySelectorAll("canvas")].filter(
        (chart) => chart.closest("section")?.querySelector("table") === null,
      ).length,
    }));
    expect(wrong).toEqual({ unnamed: 0, clickable: 0, without: 0 });
    await page.close();
  });

  test("light and dark have the same layout in opposite tones, each as it was", async () => {
    const blank = (await browser.open("<!doctype html><title>blank</title>")).page;
    const pictures = await Promise.all(
      [false, true].map(async (dark) => {
        const { page } = await browser.open(html, { dark, hash: "#promises" });
        const picture = await pictureOf(page, blank);
        await page.close();
        return picture;
      }),
    );
    const [light = [], dark = []] = pictures;
    expect(light).toHaveLength(PICTURE_WIDTH * PICTURE_HEIGHT);
    const mean = (of: readonly number[]) => of.reduce((sum, grey) => sum + grey, 0) / of.length;
    expect(mean(light)).toBeGreaterThan(215);
    expect(mean(dark)).toBeLessThan(60);
    expect(likeness(light, dark)).toBeLessThan(-0.8);
    for (const [name, picture] of [
      ["page-light.txt", light],
      ["page-dark.txt", dark],
    ] as const)
      expect(distance(picture, readPicture(golden(name, writePicture(picture))))).toBeLessThan(TOLERANCE);
  });

  test("a picture that is off by more than letters is told from one that is not", () => {
    const path = new URL("../../test/golden/page-light.txt", import.meta.url);
    const kept = readPicture(readFileSync(path, "utf8"));
    const shifted = [...kept.slice(PICTURE_WIDTH * 3), ...kept.slice(0, PICTURE_WIDTH * 3)];
    expect(
      distance(
        kept,
        kept.map((grey) => Math.max(0, grey - 2)),
      ),
    ).toBeLessThan(TOLERANCE);
    expect(distance(kept, shifted)).toBeGreaterThan(TOLERANCE);
  });
});
