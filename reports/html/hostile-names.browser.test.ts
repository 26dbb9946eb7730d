/** Whatever runners, scenarios and logs are called or say, it is text: nothing of it runs, becomes markup or breaks the page. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withClaims } from "../../harness/claims.ts";
import type { Summary } from "../../harness/summary.ts";
import { FIXTURE_CLAIMS } from "../fixture-claims.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderHtml } from "./render.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";

const SCRIPT = `<script>alert("1")</script>`;
const IMAGE = `"><img src=x onerror=alert(2)>' onmouseover='alert(3)`;
const CONTROLS = "\u0000\u0007\u001b[31m\u001b]0;owned\u0007\r\n\u0085\u009b2J\u202egnp.exe\u2066\u200f\ufeff";
const LONG = "very-long-name-".repeat(40);
const ADDRESS = "javascript:alert(4)";

/** The fixture with names and texts as bad as they come, in every place that holds one. */
function hostileSummary(): Summary {
  const plain = withClaims(fixtureSummary(), FIXTURE_CLAIMS);
  const names = new Map([
    ["memo", SCRIPT],
    ["mailbox", `${CONTROLS}${IMAGE}`],
    ["journal", LONG],
    ["strike", `${IMAGE}${SCRIPT}`],
    ["hoard", `${ADDRESS}${CONTROLS}`],
    ["chatty", `${SCRIPT}${CONTROLS}`],
  ]);
  const bad = (text: string): string => {
    const name = names.get(text);
    if (name !== undefined) return name;
    return text.includes(" ") ? `${text} ${SCRIPT}${IMAGE}${CONTROLS}</style></script><!--${LONG}` : text;
  };
  const spoil = (value: unknown, key = ""): unknown => {
    if (typeof value === "string") return KEPT.has(key) ? value : key === "home" ? ADDRESS : bad(value);
    if (Array.isArray(value)) return value.map((one) => spoil(one, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoil(one, name)]));
  };
  return spoil(plain) as Summary;
}

/** Words of the summary's own vocabulary, which nobody outside chooses. */
const KEPT = new Set(["state", "verdict", "phase", "result", "format", "witness", "means", "unit", "cause", "figure"]);

describe.skipIf(CHROMIUM === undefined)(inChromium("hostile names and texts"), () => {
  const summary = hostileSummary();
  const html = renderHtml(summary);
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test("run nothing, add no element, and leave every chart and tool working", { timeout: 120_000 }, async () => {
    const { page, complaints } = await browser.open(html);
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const plain = await browser.open(renderHtml(withClaims(fixtureSummary(), FIXTURE_CLAIMS)));
    const elements = () =>
      [...document.querySelectorAll("script, style, img, iframe, [onerror], [onmouseover]")].length;
    expect(await page.evaluate(elements)).toBe(await plain.page.evaluate(elements));
    expect(await page.locator("a[href^='javascript']").count()).toBe(0);
    await page.evaluate(() => {
      for (const part of document.querySelectorAll("details")) part.open = true;
    });
    await page.locator("#tools input").first().uncheck();
    expect(await page.locator("#runners-shown").innerText()).toBe("2 of 3");
    expect(await page.locator("#hidden-runners span").innerText()).toBe(SCRIPT);
    await page.reload();
    expect(await page.locator("#runners-shown").innerText()).toBe("2 of 3");
    await page.evaluate(() => {
      for (const link of document.querySelectorAll<HTMLElement>("#promises td a")) link.click();
    });
    await page.locator("main th .name:visible").first().hover();
    expect(dialogs).toEqual([]);
    expect(complaints).toEqual([]);
    await Promise.all([page.close(), plain.page.close()]);
  });

  test("hide the runner that they belong to, be it from the page or from the charts", async () => {
    const { page } = await browser.open(html);
    await page.evaluate(() => {
      document.addEventListener("derby:filter", (event) => {
        Object.assign(window, { told: (event as CustomEvent).detail.hidden });
      });
    });
    await page.locator("#tools summary").click();
    await page.locator('#tools input[data-index="1"]').uncheck();
    const name = summary.contestants[1]?.name;
    expect(await page.evaluate(() => Reflect.get(window, "told"))).toEqual([name]);
    const left = await page.evaluate(
      () =>
        [...document.querySelectorAll("main th .name")].filter(
          (one) => one.checkVisibility() && /gnp/.test(one.textContent ?? ""),
        ).length,
    );
    expect(left).toBe(0);
    await page.close();
  });

  test("hold no control character, and no line of text runs out of the window", async () => {
    expect(html.replace(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
    const { page } = await browser.open(html);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll("main p, main h2, main h3, main li, main summary, header p, figcaption")]
        .filter(
          (one) =>
            one.closest(".scroll") === null &&
            one.checkVisibility() &&
            one.scrollWidth > document.documentElement.clientWidth,
        )
        .map((one) => one.outerHTML.slice(0, 100)),
    );
    expect(wide).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
    await page.close();
  });
});
