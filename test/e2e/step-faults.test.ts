/** A real trial in which a runtime without a memory is killed at chosen steps: everybody held stood where they should, and nobody went on before. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { runBench } from "../../harness/bench.ts";
import { buildIndex } from "../../harness/checkers/history-index.ts";
import { stepSampleOf } from "../../harness/checkers/step-sample.ts";
import { readHistory } from "../../harness/history-file.ts";
import { constant } from "../../harness/random.ts";
import { Campaign } from "../../harness/recordings.ts";
import type { ScenarioFile } from "../../harness/scenario.ts";
import type { TrialPlan } from "../../harness/trial.ts";

const out = mkdtempSync(join(tmpdir(), "step-faults-test-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const LIMIT_MS = 120_000;
const say = { firstTokenMs: constant(100), tokens: constant(4) };
const client = { timeoutMs: 8_000, deadlineMs: 20_000, retry: "eager" } as const;
const victims = {
  sessions: 4,
  turns: 3,
  thinkMs: constant(400),
  startsIn: "step",
  readEvery: 1,
  script: [{ say, call: "save_note" }, { say }],
  client,
} as const;
const SCENARIO: ScenarioFile = {
  asks: "Does a fault strike where it should?",
  cohorts: {
    others: { sessions: 4, turns: 20, thinkMs: constant(4_000), script: [{ say }], client },
    tool: victims,
    answered: victims,
  },
  phases: { warmupMs: 2_000, calmMs: 2_000, faultMs: 1_000, quietMs: 500 },
  faults: [
    { kind: "kill", atStep: { cohort: "tool", turn: 2, at: "tool" } },
    { kind: "kill", atStep: { cohort: "answered", turn: 2, at: "answered" } },
  ],
  observe: { overhead: ["others"] },
};

const watcher = {
  planned: () => undefined,
  trialStarted: () => undefined,
  progress: () => undefined,
  trialEnded: () => undefined,
  note: () => undefined,
};

it(
  "holds all members at the World and at the proxy until the fault has landed, and reports what they lost",
  async () => {
    const scenario = join(out, "steps.json");
    writeFileSync(scenario, JSON.stringify(SCENARIO));
    const { folder, summary } = await runBench(
      {
        filters: [scenario, "reference"],
        profile: "smoke",
        seed: "7",
        sessions: 12,
        out,
        postgres: "embedded",
        price: { input: 3, output: 15 },
        pin: false,
        calibrate: false,
        invocation: "npx agent-derby run",
        signal: new AbortController().signal,
      },
      watcher,
    );
    const trial = summary.scenarios[0]?.results[0]?.trials[0];
    expect(trial?.steps).toMatchObject([
      // An acknowledged turn of each session is gone; the turn at the tool is begun anew, hence bought and done twice.
      { at: "tool", members: 4, held: 4, lostByRead: 4, forgotten: { turns: 4 }, doubled: { keyed: 4 } },
      // The answer was the runtime's last word: its client gets it, and finds that two turns are gone.
      { at: "answered", members: 4, held: 4, lostByRead: 8, forgotten: { turns: 8 }, doubled: { keyed: 0 } },
    ]);

    const id = "1-steps-reference";
    const plan: TrialPlan = Campaign.open(folder).plan(id);
    const index = buildIndex(readHistory(join(folder, "trials", id), plan));
    const [atTool, atAnswer] = index.faults.map((fault) => stepSampleOf(index, fault));
    for (const { acknowledged } of atAnswer?.turns ?? [])
      expect(acknowledged?.event.t).toBeGreaterThanOrEqual(atAnswer?.landedMs ?? Number.POSITIVE_INFINITY);
    // While they were held, no tool had done its work.
    for (const { effects } of atTool?.turns ?? [])
      expect(effects[0]?.event.t).toBeGreaterThanOrEqual(atTool?.fault.firedMs ?? Number.POSITIVE_INFINITY);
  },
  LIMIT_MS,
);
