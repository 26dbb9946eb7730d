/** The live page in a real browser, fed by a scripted campaign over its own server. */
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renderLivePage } from "../../reports/html/live-page.ts";
import { seriousFindings } from "../../reports/html/testing/axe.ts";
import { CHROMIUM, inChromium } from "../../reports/html/testing/chromium.ts";
import { LiveServer } from "./server.ts";
import { begin, campaign, secondAt } from "./testing/scripted-campaign.ts";

/** Colours that a canvas shows, transparent left out. */
const COLOURS_OF = `(id) => {
  const canvas = document.getElementById(id);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) seen.add(data.slice(at, at + 3).join());
  return [...seen];
}`;

describe.skipIf(CHROMIUM === undefined)(inChromium("the live page"), () => {
  let browser: Browser;
  let server: LiveServer;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(() => browser.close());

  async function open({ dark = false, bypassCsp = false } = {}): Promise<Page> {
    const opened = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      colorScheme: dark ? "dark" : "light",
      bypassCSP: bypassCsp,
    });
    opened.on("console", (message) => {
      // A warning about reading canvases is about the test, which does so.
      const ours = ["error", "warning"].includes(message.type()) && !message.text().includes("willReadFrequently");
      if (ours) complaints.push(message.text());
    });
    opened.on("pageerror", (error) => complaints.push(String(error)));
    opened.on("request", (request) => {
      if (!request.url().startsWith(server.url)) complaints.push(`fetches ${request.url()}`);
    });
    await opened.goto(server.url);
    return opened;
  }

  const shows = (id: string) => expect.poll(() => page.textContent(`#${id}`), { timeout: 5_000 });
  const labelOf = (id: string) => page.getAttribute(`#${id}`, "aria-label");

  beforeEach(async () => {
    complaints = [];
    server = await LiveServer.start(renderLivePage(), 0);
    page = await open();
  });
  afterEach(async () => {
    server.close({ e: "finished", report: null, says: "Over." });
    await page.close();
  });

  /** A whole trial but for its end. */
  function play(seconds = 40): void {
    server.publish(campaign);
    server.publish(begin("1"));
    server.publish({ e: "phase", atS: 0, phase: "warmup" });
    server.publish({ e: "phase", atS: 8, phase: "calm" });
    for (let second = 0; second < seconds; second++) server.publish(secondAt(second));
    server.publish({ e: "phase", atS: 20, phase: "fault" });
    server.publish({ e: "fault", atS: 22, id: "f1", state: "fired", says: "kill" });
    server.publish({ e: "fault", atS: 22.5, id: "f1", state: "landed", says: "The process is gone." });
    server.publish({ e: "fault", atS: 25, id: "f1", state: "cured", says: "" });
  }

  it("shows the running trial from its first second on: phase, figures, charts, faults, trials", async () => {
    await shows("status").toBe("Waiting for the campaign.");
    server.publish(campaign);
    server.publish({ e: "note", says: "Calibrating the driver." });
    await shows("status").toBe("Calibrating the driver.");
    server.publish(begin("1"));
    server.publish({ e: "phase", atS: 0, phase: "warmup" });
    server.publish(secondAt(0));
    await shows("status").toBe("Trial 1 of 2: storm on memo, warmup");
    await shows("live").toBe("1,200");
    expect(await labelOf("heat")).toMatch(/^Overhead of 70 turns answered over the last 1 s: at most 1\.5 s\./);
    play();
    await shows("clock").toBe("Second 40 of the load.");
    await shows("status").toBe("Trial 1 of 2: storm on memo, fault");
    for (const [id, text] of Object.entries({ answered: "70", offered: "71", p50: "3.25 ms", max: "1.5 s" }))
      await shows(id).toBe(text);
    expect(await page.textContent("#faults")).toBe("killapp22 s0.5 s3 sThe process is gone.");
    expect(await labelOf("goodput")).toBe(
      "Turns per second over the last 40 s: offered 71 (at most 71), answered 70 (at most 70), failed 1 (at most 1).",
    );
    expect(complaints).toEqual([]);
  });

  it("draws every chart in the colours of the theme, and again when the theme changes", async () => {
    play();
    await shows("clock").toBe("Second 40 of the load.");
    const colours = async (id: string) => (await page.evaluate(`(${COLOURS_OF})("${id}")`)) as string[];
    const blue = { light: "0,114,178", dark: "86,180,233" };
    expect(await colours("goodput")).toContain(blue.light);
    expect(await colours("standing")).toContain("0,158,115");
    expect(await colours("heat")).toContain(blue.light);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(() => colours("heat")).toContain(blue.dark);
    expect(await colours("heat")).not.toContain(blue.light);
    expect(complaints).toEqual([]);
  });

  it("a reloaded page sees the whole trial again, and the numbers behind the charts", async () => {
    play(90);
    await shows("clock").toBe("Second 90 of the load.");
    await page.reload();
    await shows("clock").toBe("Second 90 of the load.");
    await page.click("#numbers summary");
    await expect.poll(() => page.locator("#seconds tr").count()).toBe(60);
    const [newest] = await page.locator("#seconds tr").allTextContents();
    expect(newest).toBe("891,2003471701203.25 ms1.5 s");
    expect(complaints).toEqual([]);
  });

  it("names are text, whatever they are, and each trial ends with what its certificate says", async () => {
    play();
    server.publish({ e: "end", trial: "1", status: "recorded", reason: null });
    server.publish({ e: "verdict", trial: "1", verdict: "void", reasons: ["Too late.", "Steal took 9 %."] });
    server.publish(begin("2"));
    await shows("status").toBe("Trial 2 of 2: storm on <img src=x onerror=alert(1)>, starting");
    expect(await page.locator("#trials tr").allTextContents()).toEqual([
      "stormmemo1recordedvoid: Too late. Steal took 9 %.",
      "storm<img src=x onerror=alert(1)>1running",
    ]);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.textContent("#clock")).toBe("The load has not begun.");
    expect(complaints).toEqual([]);
  });

  it("says where the report is when the run has ended, and asks no more", async () => {
    play();
    server.close({ e: "finished", report: "results/smoke-7/report.html", says: "Finished." });
    await shows("status").toBe("Finished. Open results/smoke-7/report.html");
    expect(await page.textContent("#connection")).toBe("");
    expect(complaints).toEqual([]);
  });

  it("phases are announced politely, and nothing else interrupts", async () => {
    expect(await page.getAttribute("#status", "aria-live")).toBe("polite");
    expect(await page.locator("[aria-live]").count()).toBe(1);
    expect(await page.locator('canvas[role="img"][aria-label]').count()).toBe(3);
  });

  it.each([{ dark: false }, { dark: true }])("axe finds nothing serious, %o", async ({ dark }) => {
    await page.close();
    page = await open({ dark, bypassCsp: true });
    play();
    server.publish({ e: "end", trial: "1", status: "void", reason: "The World failed." });
    await shows("trials").toContain("void: The World failed.");
    await page.click("#numbers summary");
    expect(await seriousFindings(page)).toEqual([]);
  });
});
