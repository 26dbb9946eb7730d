/** Every cell of the promise table opens what it rests on: by click, by key, and by link. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureSummary } from "../fixture-summary.ts";
import { promiseAnchor, promiseCellAnchor, verdictsAnchor } from "./places.ts";
import { renderHtml } from "./render.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";

describe.skipIf(CHROMIUM === undefined)(inChromium("the promise table"), () => {
  const summary = fixtureSummary();
  const html = renderHtml(summary);
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  const at = (id: string): string => `[id="${id}"]`;

  test("has a cell for each judgement, and each opens its evidence and takes the focus there", async () => {
    const { page, complaints } = await browser.open(html);
    expect(await page.locator("#promises td a").count()).toBe(summary.promises.length);
    for (const { runner, promise, state, says } of summary.promises) {
      await page.locator(at(promiseCellAnchor(runner, promise))).click();
      const evidence = page.locator(at(promiseAnchor(runner, promise)));
      await page.waitForFunction(
        (id) => document.activeElement?.parentElement?.id === id,
        promiseAnchor(runner, promise),
      );
      expect(await evidence.getAttribute("open")).toBe("");
      const found = await evidence.innerText();
      expect(found).toContain(promise);
      expect(found.replaceAll("\u00a0", " ")).toContain(says);
      expect(found).toMatch(state === "kept" ? /kept in [\d,]+/ : new RegExp(state));
      const box = await evidence.boundingBox();
      expect(box === null ? -1 : box.y).toBeGreaterThanOrEqual(0);
      expect(box?.y).toBeLessThan(800);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("works by keyboard, there and back", async () => {
    const { page } = await browser.open(html);
    const [one] = summary.promises.filter(({ state }) => state === "broken");
    if (one === undefined) throw new Error("the fixture has a broken promise");
    const cell = page.locator(at(promiseCellAnchor(one.runner, one.promise)));
    await cell.focus();
    await page.keyboard.press("Enter");
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.parentElement?.id);
    expect(await focused()).toBe(promiseAnchor(one.runner, one.promise));
    await page.keyboard.press("Tab");
    for (let steps = 0; steps < 10; steps++) {
      if ((await page.evaluate(() => document.activeElement?.textContent ?? "")).startsWith("Back to the table")) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    expect(await focused()).toBe(promiseCellAnchor(one.runner, one.promise));
    await page.close();
  });

  test("a link from elsewhere opens the evidence, which leads on to verdicts and the command that repeats the trial", async () => {
    const [kept] = summary.promises.filter(({ state }) => state === "kept");
    const trial = kept?.trials[0];
    if (kept === undefined || trial === undefined) throw new Error("the fixture has a kept promise with a trial");
    const { page } = await browser.open(html, { hash: `#${promiseAnchor(kept.runner, kept.promise)}` });
    const evidence = page.locator(at(promiseAnchor(kept.runner, kept.promise)));
    expect(await evidence.getAttribute("open")).toBe("");
    expect(await evidence.locator("code[data-copy]").innerText()).toContain("npx agent-derby run");
    await evidence.locator("a", { hasText: "verdicts" }).click();
    expect(await page.locator(at(verdictsAnchor(trial))).getAttribute("open")).toBe("");
    await page.goBack();
    expect(new URL(page.url()).hash).toBe(`#${promiseAnchor(kept.runner, kept.promise)}`);
    await page.close();
  });

  test("an untested promise says what would test it, one not offered that nothing was vowed", async () => {
    const { page } = await browser.open(html);
    const text = (runner: string, promise: string) =>
      page.locator(at(promiseAnchor(runner, promise))).evaluate((part) => part.textContent ?? "");
    expect(await text("memo", "isolated-cpu")).toContain("at least 100 turns of bystanders");
    expect(await text("memo", "durable-turns")).toContain("not promised");
    expect(await text("memo", "durable-turns")).toContain("5,212 acknowledged turns were forgotten");
    await page.close();
  });
});
