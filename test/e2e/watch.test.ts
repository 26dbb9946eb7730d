/** `run --watch` with a real trial: who listens is told its seconds as they pass, and the run waits for nobody. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { LiveEvent } from "../../harness/live.ts";
import { constant } from "../../harness/random.ts";
import type { Summary } from "../../harness/summary.ts";
import { ROOT } from "../sources.ts";
import { start } from "./commands.ts";

const LIMIT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "watch-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = {
  asks: "What does a watcher see?",
  cohorts: {
    few: {
      sessions: 10,
      turns: 20,
      thinkMs: constant(200),
      script: [{ say: { firstTokenMs: constant(50), tokens: constant(3) } }],
      client: { timeoutMs: 5_000, deadlineMs: 10_000, retry: "eager" },
    },
  },
  // Multiplied by 0.3 in this profile.
  phases: { warmupMs: 3_000, calmMs: 5_000, faultMs: 5_000, quietMs: 500 },
  faults: [{ kind: "kill", role: "app", atMs: [500] }],
  observe: { overhead: ["few"] },
};

/** Reads the stream until the other side ends it; the connection is kept open as a browser keeps it. */
function listen(url: string) {
  const events: LiveEvent[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    const asked = get(`${url}events`, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        const blocks = (text + piece).split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) if (block.startsWith("data: ")) events.push(JSON.parse(block.slice(6)));
      });
      response.once("close", resolve);
      response.once("error", () => undefined);
    });
    asked.once("error", reject);
  });
  return { events, ended };
}

it(
  "a watcher sees the trial begin, its seconds, its fault and its end; the run ends by itself while the page is open",
  async () => {
    const scenario = join(folder, "watched.json");
    writeFileSync(scenario, JSON.stringify(SCENARIO));
    const run = start(
      process.execPath,
      [
        join(ROOT, "bin/agent-derby.mjs"),
        ...["run", "--watch", scenario, "reference", "--profile", "smoke", "--seed", "7", "--sessions", "10"],
        ...["--no-pin", "--no-calibrate", "--out", folder],
      ],
      { cwd: folder, limitMs: LIMIT_MS },
    );
    await expect.poll(() => run.text.stderr, { timeout: 20_000 }).toContain("Watch it at ");
    const [url = ""] = /http:\/\/127\.0\.0\.1:\d+\//.exec(run.text.stderr) ?? [];
    expect(await (await fetch(url)).text()).toContain("<title>Agent Derby, live</title>");
    const stream = listen(url);

    const { code, stderr } = await run.ended;
    await stream.ended;
    expect([0, 1], stderr).toContain(code);
    const told = <E extends LiveEvent["e"]>(e: E) =>
      stream.events.filter((event): event is Extract<LiveEvent, { e: E }> => event.e === e);
    expect(told("begin")).toMatchObject([{ trial: "1-watched-reference", asks: SCENARIO.asks }]);
    expect(told("phase").map(({ phase }) => phase)).toEqual("warmup calm fault heal quiet proof end".split(" "));
    expect(told("fault").map(({ state }) => state)).toEqual(["fired", "landed", "cured"]);
    const seconds = told("second");
    expect(seconds.map(({ second }) => second)).toEqual(seconds.map((_, index) => index));
    expect(seconds.length).toBeGreaterThanOrEqual(3);
    expect(seconds.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThanOrEqual(20);
    expect(told("end")).toMatchObject([{ trial: "1-watched-reference", status: "recorded" }]);
    expect(told("verdict")).toHaveLength(1);
    const campaign = told("campaign")[0]?.id ?? "";
    expect(told("finished")).toEqual([{ e: "finished", report: join(campaign, "report.html"), says: "Finished." }]);
    expect(stream.events.at(-1)?.e).toBe("finished");

    const summary = JSON.parse(readFileSync(join(folder, campaign, "summary.json"), "utf8")) as Summary;
    expect(summary.scenarios[0]?.results[0]?.trials[0]?.validity.certificate.watched).toBe(1);
    expect(summary.campaign.command).not.toContain("--watch");
    // The driver's own count of answers, by second, against the recording.
    const offered = summary.scenarios[0]?.results[0]?.trials[0]?.timeline.offered ?? [];
    const live = seconds.reduce((sum, second) => sum + second.offered, 0);
    expect(offered.reduce((sum, turns) => sum + turns, 0)).toBe(live);
  },
  LIMIT_MS,
);
