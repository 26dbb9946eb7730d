/** What the reader can work: hidden runners, sorted tables, links to everything, the theme, copying, paper. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureSummary } from "../fixture-summary.ts";
import { script, styles } from "./browser-files.ts";
import { DARK, LIGHT } from "./look.ts";
import { markup } from "./markup.ts";
import { contestantAnchor } from "./places.ts";
import { renderHtml } from "./render.ts";
import { table } from "./table.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";

const summary = fixtureSummary();
const html = renderHtml(summary);
const NAMES = summary.contestants.map(({ name }) => name);

/** Runners whose names stand somewhere visible as the head of a row or column, or as owner of a part; menus left out. */
const visibleRunners = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const owned = [...document.querySelectorAll<HTMLElement>("main [data-runner]")];
    const named = [...document.querySelectorAll<HTMLElement>("main th .name")];
    const seen = (element: HTMLElement): boolean => element.checkVisibility();
    const names = [
      ...owned.filter(seen).map(({ dataset }) => dataset.runner ?? ""),
      ...named.filter(seen).map((name) => name.firstChild?.textContent ?? ""),
    ];
    return [...new Set(names)].sort();
  });

const toHex = (rgb: string): string =>
  `#${[...rgb.matchAll(/\d+/g)].map(([part]) => Number(part).toString(16).padStart(2, "0")).join("")}`;
const background = async (page: Page): Promise<string> =>
  toHex(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));

let browser: TestBrowser;
beforeAll(async () => {
  if (CHROMIUM !== undefined) browser = await startBrowser();
});
afterAll(() => browser?.close());

describe.skipIf(CHROMIUM === undefined)(inChromium("the filter"), () => {
  test("hides a runner everywhere, tells the charts, stands in the address, and goes back", async () => {
    const { page, complaints } = await browser.open(html);
    await page.evaluate(() => {
      const told: unknown[] = [];
      Object.assign(window, { told });
      document.addEventListener("derby:filter", (event) => told.push((event as CustomEvent).detail.hidden));
    });
    expect(await visibleRunners(page)).toEqual([...NAMES].sort());
    await page.locator("#tools summary").click();
    await page.locator('#tools input[value="memo"]').uncheck();
    expect(new URL(page.url()).hash).toBe("#?hide=memo");
    expect(await visibleRunners(page)).toEqual(["journal", "mailbox"]);
    expect(await page.locator("#hidden-runners").innerText()).toContain("Hidden by the filter: memo.");
    await page.locator('#tools input[value="mailbox"]').uncheck();
    expect(await visibleRunners(page)).toEqual(["journal"]);
    expect(await page.locator("#runners-shown").innerText()).toBe("1 of 3");
    await page.goBack();
    await page.waitForFunction(() => document.querySelector("#runners-shown")?.textContent === "2 of 3");
    expect(await visibleRunners(page)).toEqual(["journal", "mailbox"]);
    await page.goForward();
    await page.waitForFunction(() => document.querySelector("#runners-shown")?.textContent === "1 of 3");
    await page.locator("#hidden-runners button").click();
    expect(await visibleRunners(page)).toEqual([...NAMES].sort());
    expect(await page.evaluate(() => Reflect.get(window, "told"))).toEqual([
      ["memo"],
      ["memo", "mailbox"],
      ["memo"],
      ["memo", "mailbox"],
      [],
    ]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("is in force when a link with hidden runners is opened, and what the link leads to is shown all the same", async () => {
    const { page } = await browser.open(html, { hash: `#${contestantAnchor("memo")}?hide=memo,mailbox,nobody` });
    expect(await visibleRunners(page)).toEqual(["journal", "memo"]);
    expect(await page.locator(`[id="${contestantAnchor("memo")}"]`).getAttribute("open")).toBe("");
    await page.close();
  });

  test("works by keyboard, and Escape closes the menu", async () => {
    const { page } = await browser.open(html);
    await page.locator("#tools summary").focus();
    await page.keyboard.press("Enter");
    await page.locator('#tools input[value="journal"]').focus();
    await page.keyboard.press("Space");
    expect(await visibleRunners(page)).toEqual(["mailbox", "memo"]);
    expect(await page.locator("#announcements").innerText()).toBe("Runners shown: 2 of 3");
    await page.keyboard.press("Escape");
    expect(await page.locator("#tools details").getAttribute("open")).toBeNull();
    await page.close();
  });

  test("is not there without scripts, and nothing is hidden then", () => {
    expect(html).toContain('<div class="tools" id="tools" role="region" aria-label="View" hidden>');
    expect(html).not.toMatch(/data-runner="[^"]*" hidden/);
  });
});

/** A page with one table and nothing else but the scripts that sort. */
const sortPage = (): string =>
  markup`<!doctype html><html lang="en"><head><title>t</title>${styles(["page.css", "tools.css"])}</head><body>${table({
    caption: "t",
    sortable: true,
    columns: [{ head: "runner", align: "text" }, { head: "wait" }, { head: "count" }],
    rows: [
      { cells: ["b", "1.21 s", "1,200"] },
      { cells: ["a", "48 ms", "90 (12 late)"], begins: true },
      { cells: ["void"], note: "does not count" },
      { cells: ["d", "never", "3"] },
      { cells: ["c", "not enough", "≥ 1,300"] },
      { cells: ["e", "48 ms", "$0.35"] },
    ],
  })}${script("page-state.js")}${script("sort.js")}</body></html>`.text;

describe.skipIf(CHROMIUM === undefined)(inChromium("sorting"), () => {
  const names = (page: Page): Promise<string> =>
    page
      .locator("tbody th")
      .allInnerTexts()
      .then((all) => all.join(" "));
  const click = (page: Page, head: string) => page.locator("th button", { hasText: head }).click();

  test("goes by the value as written; what is none stays below; the third click restores the order of the run", async () => {
    const { page, complaints } = await browser.open(sortPage());
    await click(page, "wait");
    expect(await names(page)).toBe("d b a e void c");
    expect(await page.locator("th", { hasText: "wait" }).getAttribute("aria-sort")).toBe("descending");
    expect(await page.locator("tr.begins").count()).toBe(0);
    await click(page, "wait");
    expect(await names(page)).toBe("a e b d void c");
    await click(page, "wait");
    expect(await names(page)).toBe("b a void d c e");
    expect(await page.locator("th[aria-sort]:not([aria-sort=none])").count()).toBe(0);
    expect(await page.locator("tr.begins").count()).toBe(1);
    await click(page, "count");
    expect(await names(page)).toBe("c b a d e void");
    await click(page, "runner");
    expect(await names(page)).toBe("a b c d e void");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("works by keyboard and is told", async () => {
    const { page } = await browser.open(html);
    const head = page.locator("#validity th[aria-sort] button").first();
    await head.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("#announcements").innerText()).toBe("Sorted by runner, ascending");
    await page.close();
  });
});

describe.skipIf(CHROMIUM === undefined)(inChromium("links"), () => {
  test("every section, heading, chart, trial and fault has an id of its own, the same each time", async () => {
    const [first, second] = [await browser.open(html), await browser.open(html)];
    const ids = (page: Page) =>
      page.evaluate(() => ({
        all: [...document.querySelectorAll("[id]")].map(({ id }) => id),
        without: [...document.querySelectorAll("main section, main h3, main canvas, main figcaption")]
          .filter(
            (place) =>
              place.id === "" && place.closest("section[id]") !== null && place.closest("summary, td") === null,
          )
          .map((place) => place.outerHTML.slice(0, 80)),
      }));
    const found = await ids(first.page);
    expect(found.without).toEqual([]);
    expect(new Set(found.all).size).toBe(found.all.length);
    expect((await ids(second.page)).all).toEqual(found.all);
    for (const { trials } of summary.scenarios.flatMap(({ results }) => results))
      for (const { id, validity } of trials)
        if (validity.verdict === "valid") expect(found.all).toContain(`trial.${id}`);
    expect(found.all.filter((id) => id.startsWith("fault."))).not.toEqual([]);
    await Promise.all([first.page.close(), second.page.close()]);
  });

  test("one to something folded opens what it lies in; the mark of a heading leads to it", async () => {
    const { page, complaints } = await browser.open(html, { hash: "#fault.1-strike-memo.1" });
    const fault = page.locator('[id="fault.1-strike-memo.1"]');
    expect(await fault.evaluate((place) => place.checkVisibility())).toBe(true);
    expect(await fault.evaluate((place) => place === document.activeElement)).toBe(true);
    await page.locator("#environment h2").hover();
    await page.locator("#environment h2 .anchor").click();
    expect(new URL(page.url()).hash).toBe("#environment");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a place that does not exist and a broken address do no harm", async () => {
    const { page, complaints } = await browser.open(html, { hash: "#nowhere?hide=%E0%A4%A,<b>&x" });
    expect(await visibleRunners(page)).toEqual([...NAMES].sort());
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a command is copied, or selected where the clipboard is refused", async () => {
    const { page } = await browser.open(html);
    const copy = page.locator("#repeat button.copy").first();
    await page.evaluate(() => {
      Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } });
      document.execCommand = () => false;
    });
    await copy.click();
    await page.waitForFunction(() => document.querySelector("#repeat .copy")?.textContent === "Selected: press Ctrl+C");
    expect(await page.evaluate(() => String(getSelection()))).toBe(summary.campaign.command);
    await page.evaluate(() => {
      document.execCommand = () => true;
    });
    await copy.click();
    await page.waitForFunction(() => document.querySelector("#repeat .copy")?.textContent === "Copied");
    await page.close();
  });
});

describe.skipIf(CHROMIUM === undefined)(inChromium("the theme"), () => {
  test("follows the system until the reader chooses, for as long as the visit lasts", async () => {
    const { page, complaints } = await browser.open(html, { dark: true });
    expect(await background(page)).toBe(DARK.page);
    await page.selectOption("#theme", "light");
    expect(await background(page)).toBe(LIGHT.page);
    await page.reload();
    expect(await background(page)).toBe(LIGHT.page);
    await page.selectOption("#theme", "");
    expect(await background(page)).toBe(DARK.page);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await background(page)).toBe(LIGHT.page);
    await page.selectOption("#theme", "dark");
    expect(await background(page)).toBe(DARK.page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("can be chosen where storage is refused", async () => {
    const { page, complaints } = await browser.open(html);
    await page.addInitScript(() => {
      Object.defineProperty(window, "sessionStorage", {
        get: () => {
          throw new DOMException("refused", "SecurityError");
        },
      });
    });
    await page.reload();
    await page.selectOption("#theme", "dark");
    expect(await background(page)).toBe(DARK.page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("on paper the page is light, promises and settings are unfolded, and the tools are gone", async () => {
    const { page } = await browser.open(html, { dark: true });
    await page.selectOption("#theme", "dark");
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    expect(await background(page)).toBe(LIGHT.page);
    expect(await page.locator("#promises details:not([open])").count()).toBe(0);
    expect(await page.locator("#contestants details:not([open])").count()).toBe(0);
    expect(await page.locator("#tools").isVisible()).toBe(false);
    expect(await page.locator("#validity details[open]").count()).toBe(0);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    expect(await page.locator("#promises details[open]").count()).toBe(0);
    await page.close();
  });
});
