/**
 * How dear a report is: one of a recording with ten million events, from the recorded files to a page on the screen.
 *
 *     node benches/report.ts [--json FILE] [--events 10000000] [--blocks 10]
 *
 * The recording is synthetic (`synthetic-trial.ts`), in as many trials as it has blocks. It is judged, summarized and rendered by a process
 * of its own, as `report DIR` does it, and the page is opened from disk in a new Chromium until its last chart is drawn.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { monotonicMs } from "../harness/clock.ts";
import { packageRoot } from "../harness/package-root.ts";
import { CHROMIUM } from "../reports/html/testing/chromium.ts";
import { wholeNumber } from "./command.ts";
import { EVENTS_PER_SESSION, EVENTS_PER_TURN, writeSyntheticCampaign } from "./synthetic-trial.ts";

const BARS = { buildSeconds: 20, megabytes: 3, openSeconds: 2 };
const TURNS = 7;
/** Without what kills add, which is little: so many sessions are written that the events come near what was asked for. */
const EVENTS_OF_A_SESSION = EVENTS_PER_SESSION + TURNS * EVENTS_PER_TURN;
const OPENINGS = 5;

function buildSeconds(folder: string): number {
  const command = join(packageRoot, "cli", "main.ts");
  const beganMs = monotonicMs();
  const { status } = spawnSync(process.execPath, [command, "report", folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`report ended with code ${status}`);
  return (monotonicMs() - beganMs) / 1000;
}

/** From the order to open the page until every chart that is shown has been drawn, in a browser that is new each time. */
async function openSeconds(path: string, executablePath: string): Promise<number[]> {
  const seconds: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const beganMs = monotonicMs();
      await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
      await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
      seconds.push((monotonicMs() - beganMs) / 1000);
    } finally {
      await browser.close();
    }
  }
  return seconds.sort((a, b) => a - b);
}

const held = (value: number, bar: number): string => `${value <= bar ? "within" : "OVER"} the bar of ${bar}`;

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    events: { type: "string", default: "10000000" },
    blocks: { type: "string", default: "10" },
  },
});
const blocks = wholeNumber("blocks", values.blocks);
const sessions = Math.max(1, Math.round(wholeNumber("events", values.events) / blocks / EVENTS_OF_A_SESSION));
const parent = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
try {
  const { folder, events } = writeSyntheticCampaign(parent, { sessions, turns: TURNS }, blocks);
  console.log(`${events} events in ${blocks} trials, ${availableParallelism()} cores`);
  const build = buildSeconds(folder);
  console.log(`built in ${build.toFixed(1)} s (${held(build, BARS.buildSeconds)} s)`);
  const path = join(folder, "report.html");
  const megabytes = statSync(path).size / 1e6;
  console.log(`${megabytes.toFixed(2)} MB (${held(megabytes, BARS.megabytes)} MB)`);
  const openings = CHROMIUM === undefined ? [] : await openSeconds(path, CHROMIUM);
  const slowest = openings.at(-1);
  if (slowest === undefined) console.log("not opened: no Chromium on this machine");
  else
    console.log(
      `opened ${OPENINGS} times, in ${openings[0]?.toFixed(2)} to ${slowest.toFixed(2)} s (${held(slowest, BARS.openSeconds)} s)`,
    );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ events, blocks, build, megabytes, openings }, null, 2)}\n`);
} finally {
  rmSync(parent, { recursive: true });
}
