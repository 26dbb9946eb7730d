/** A real campaign, stopped between two trials and gone on with: what was recorded stays as it was, what is missing is recorded. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type BenchOptions, type BenchWatcher, compareStored, runBench } from "../../harness/bench.ts";
import { constant } from "../../harness/random.ts";

const out = mkdtempSync(join(tmpdir(), "resume-test-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const LIMIT_MS = 120_000;
const SCENARIO = {
  asks: "What is left of a campaign that was stopped?",
  cohorts: {
    few: {
      sessions: 10,
      turns: 3,
      thinkMs: constant(200),
      script: [{ say: { firstTokenMs: constant(50), tokens: constant(3) } }],
      client: { timeoutMs: 5_000, deadlineMs: 10_000, retry: "eager" },
    },
  },
  // Multiplied by 0.3 in this profile.
  phases: { warmupMs: 2_000, calmMs: 5_000, faultMs: 0, quietMs: 500 },
  observe: { overhead: ["few"] },
};

function optionsWith(changes: Partial<BenchOptions>): BenchOptions {
  return {
    filters: [],
    profile: "smoke",
    postgres: "embedded",
    price: { input: 3, output: 15 },
    pin: false,
    calibrate: false,
    invocation: "npx agent-derby run",
    signal: new AbortController().signal,
    ...changes,
  };
}

const watcher = (changes: Partial<BenchWatcher>): BenchWatcher => ({
  planned: () => undefined,
  trialStarted: () => undefined,
  progress: () => undefined,
  trialEnded: () => undefined,
  note: () => undefined,
  ...changes,
});

const filesOf = (folder: string): [string, number][] =>
  readdirSync(folder)
    .sort()
    .flatMap((name): [string, number][] => {
      const { mtimeMs } = statSync(join(folder, name));
      return [[name, mtimeMs]];
    });

it(
  "a campaign that was stopped after its first trial goes on with the second, under the plan that was stored",
  async () => {
    const scenario = join(out, "stopped.json");
    writeFileSync(scenario, JSON.stringify(SCENARIO));
    const stop = new AbortController();
    const first = await runBench(
      optionsWith({ filters: [scenario, "reference"], seed: "7", sessions: 10, blocks: 2, out, signal: stop.signal }),
      watcher({ trialEnded: () => stop.abort() }),
    );
    expect(first.interrupted).toBe(true);
    expect(first.summary.campaign.complete).toBe(false);
    // The first was recorded, and is void only where others use the machine.
    expect(first.summary.void.filter(({ reason }) => !/^(void|failed isolation): /.test(reason))).toEqual([
      { trial: "2-stopped-reference", reason: "The trial was not recorded." },
    ]);

    const recorded = join(first.folder, "trials/1-stopped-reference");
    const planned = join(first.folder, "trials/2-stopped-reference/trial.json");
    const [before, plan] = [filesOf(recorded), readFileSync(planned, "utf8")];
    const started: string[] = [];
    const second = await runBench(
      optionsWith({ resume: first.folder }),
      watcher({ trialStarted: ({ id }) => started.push(id) }),
    );
    expect(started).toEqual(["2-stopped-reference"]);
    expect(second.folder).toBe(first.folder);
    expect(filesOf(recorded)).toEqual(before);
    expect(readFileSync(planned, "utf8")).toBe(plan);
    expect(second.summary.campaign).toMatchObject({ complete: true, blocks: 2 });

    // The same campaign beside itself: equal in everything, and never better or worse.
    const { scenarios } = await compareStored({ a: first.folder, b: join(first.folder, "summary.json") });
    expect(scenarios[0]).toMatchObject({ scenario: "stopped", runnerA: "reference" });
    for (const { answer, ratio } of scenarios[0]?.figures ?? []) {
      expect(["not enough", "inconclusive", "not comparable"]).toContain(answer);
      expect(ratio ?? 1).toBe(1);
    }
  },
  LIMIT_MS,
);
