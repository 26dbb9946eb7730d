/**
 * Profiles by the command line: what is refused, and one real trial under each profiler that is here already. Nothing is installed by a
 * test; who wants them all runs `agent-derby profile` once for each.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { flamePage } from "../../harness/profilers/flame-page.ts";
import { PROFILERS } from "../../harness/profilers/profilers.ts";
import { foldedStacks } from "../../harness/profilers/stacks.ts";
import { hasTool } from "../../harness/profilers/tool.ts";
import { constant } from "../../harness/random.ts";
import type { Summary } from "../../harness/summary.ts";
import { CHROMIUM, inChromium, startBrowser } from "../../reports/html/testing/chromium.ts";
import { ROOT } from "../sources.ts";
import { run } from "./commands.ts";

const LIMIT_MS = 120_000;
const SCENARIO = {
  asks: "Where does the time go?",
  cohorts: {
    all: {
      sessions: 10,
      turns: 20,
      thinkMs: constant(2_000),
      script: [{ say: { firstTokenMs: constant(20), tokens: constant(5) } }],
      client: { timeoutMs: 5_000, deadlineMs: 10_000, retry: "eager" },
    },
  },
  phases: { warmupMs: 3_000, calmMs: 6_000, faultMs: 0, quietMs: 1_000 },
  observe: { overhead: ["all"] },
};

const profile = (folder: string, ...args: readonly string[]) =>
  run(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), "profile", ...args], { cwd: folder, limitMs: LIMIT_MS });

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "profile-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "short.json"), JSON.stringify(SCENARIO));
  return folder;
}

describe("the command", () => {
  it("lists every profiler, with its languages", async () => {
    const { code, stdout } = await profile(scratch());
    expect(code).toBe(0);
    for (const { name } of PROFILERS) expect(stdout).toContain(name);
  });

  it("refuses a profiler of another language before anything is fetched", async () => {
    const { code, stderr } = await profile(scratch(), "reference", "./short.json", "--with", "py-spy");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/py-spy does not know TypeScript.*These do: flame, clinic-flame/),
    });
  });
});

describe("a trial under a profiler", () => {
  const [flame] = PROFILERS;
  const isHere = flame !== undefined && hasTool(flame.tool);
  const title = "leaves a flame graph that the report links, and counts for nothing";

  it.skipIf(!isHere)(
    `${title}${isHere ? "" : " (skipped: needs a first use of flame, which fetches it)"}`,
    async () => {
      const folder = scratch();
      const { code, stdout } = await profile(folder, "reference", "./short.json", "--seed", "1", "--out", "out");
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringContaining("flame: 1 of 1 starts left a profile."),
      });
      const campaign = /Report: {2}(.*)\/report\.html/.exec(stdout)?.[1] ?? "";
      const summary = JSON.parse(readFileSync(join(folder, campaign, "summary.json"), "utf8")) as Summary;
      const [trial] = summary.scenarios[0]?.results[0]?.trials ?? [];
      expect(trial?.validity).toMatchObject({ verdict: "profiled", gateable: false });
      expect(summary.promises.map(({ exposures }) => exposures)).toEqual(summary.promises.map(() => 0));
      const pages = trial?.profiled?.files.filter((file) => file.endsWith(".html")) ?? [];
      expect(pages).toHaveLength(1);
      for (const page of pages) {
        expect(existsSync(join(folder, campaign, page))).toBe(true);
        expect(readFileSync(join(folder, campaign, "report.html"), "utf8")).toContain(`href="${page}"`);
      }
    },
    LIMIT_MS,
  );
});

describe.skipIf(CHROMIUM === undefined)(inChromium("our own flame graph"), () => {
  it("draws callers above what they call, widens what is clicked, and goes back", async () => {
    const browser = await startBrowser();
    onTestFinished(() => browser.close());
    const stacks = foldedStacks("main;serve;parse 6\nmain;serve;write 2\nmain;idle 2");
    const { page, complaints } = await browser.open(flamePage({ title: "t", unit: "samples", stacks }));
    const box = async (name: string) => page.getByRole("button", { name, exact: true }).boundingBox();
    const [main, serve, parse] = [await box("main"), await box("serve"), await box("parse")];
    expect((serve?.width ?? 0) / (main?.width ?? 1)).toBeCloseTo(0.8, 2);
    expect((parse?.width ?? 0) / (main?.width ?? 1)).toBeCloseTo(0.6, 2);
    expect((parse?.y ?? 0) > (serve?.y ?? 0) && (serve?.y ?? 0) > (main?.y ?? 0)).toBe(true);
    await page.getByRole("button", { name: "parse", exact: true }).click();
    expect(await page.getByRole("button").allTextContents()).toEqual(["all", "main", "serve", "parse"]);
    expect((await box("parse"))?.width).toBe(main?.width);
    expect(await page.getByRole("status").textContent()).toBe("parse: 6 samples, 60.0 %; 6 samples in itself");
    await page.getByRole("button", { name: "all", exact: true }).click();
    expect(await page.getByRole("button").count()).toBe(6);
    expect(complaints).toEqual([]);
  });
});
