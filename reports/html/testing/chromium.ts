/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * A real browser for tests of pages: the machine's own Chromium, headless, by Playwright. Promises: a page opens from disk, as a user's
 * would; whatever it logs as an error, throws or tries to fetch is kept for the test to see; the browser ends with the test.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of the browser of this machine (`CHROMIUM` names another); undefined where there is none. */
export const CHROMIUM = [process.env.CHROMIUM ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));

/** Title of a group of tests that need the browser; says why they are skipped where it is missing. */
export const inChromium = (title: string): string =>
  CHROMIUM === undefined ? `${title} (skipped: no Chromium; apt-get install chromium)` : title;

/** How a page is looked at; the default is a laptop's window, light. */
export interface Window {
  /** CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Lets a test put scripts of its own into the page, such as axe. */
  readonly bypassCsp?: boolean;
  /** Added to the address, such as `#scenario-kill`. */
  readonly hash?: string;
}

export interface OpenPage {
  readonly page: Page;
  /** Console errors and warnings, exceptions, and addresses that the page tried to fetch; empty where all is well. */
  readonly complaints: string[];
}

export interface TestBrowser {
  /** Opens a page from a file, and waits until it has loaded. */
  open(html: string, window?: Window): Promise<OpenPage>;
  close(): Promise<void>;
}

async function openFile(browser: Browser, path: string, window: Window): Promise<OpenPage> {
  const { width = 1280, height = 800, dark = false, bypassCsp = false, hash = "" } = window;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    bypassCSP: bypassCsp,
  });
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`fetches ${request.url()}`);
  });
  await page.goto(`${pathToFileURL(path).href}${hash}`, { waitUntil: "load" });
  return { page, complaints };
}

/** Starts the browser. Fails where there is none: guard with `describe.skipIf(CHROMIUM === undefined)`. */
export async function startBrowser(): Promise<TestBrowser> {
  if (CHROMIUM === undefined)
    throw new Error("No Chromium on this machine: apt-get install chromium, or set CHROMIUM.");
  const folder = mkdtempSync(join(tmpdir(), "derby-page-"));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  let pages = 0;
  return {
    open: (html, window = {}) => {
      const path = join(folder, `${++pages}.html`);
      writeFileSync(path, html);
      return openFile(browser, path, window);
    },
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
