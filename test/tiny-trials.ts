/** Tiny real trials: the whole harness with a real process, for a few seconds, to see what its checkers say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchWatcher, runBench } from "../harness/bench.ts";
import type { Verdict } from "../harness/checkers/checker.ts";
import { judgedTrials } from "../harness/judging/threads.ts";
import { Campaign } from "../harness/recordings.ts";
import { ROOT } from "./sources.ts";

const SESSIONS = 12;
/** Nobody who watches. */
export const QUIET: BenchWatcher = {
  planned: () => undefined,
  trialStarted: () => undefined,
  progress: () => undefined,
  trialEnded: () => undefined,
  note: () => undefined,
};

/** What came of one contestant. */
export interface TinyTrial {
  readonly runner: string;
  /** Why it did not take part; null if it did. A disturbed machine makes its figures void, not what was seen. */
  readonly trouble: string | null;
  readonly verdicts: readonly Verdict[];
}

/**
 * Runs a scenario of this folder once for each contestant, about ten seconds each.
 * @param scenario its path from here, "canary/calm.json"
 */
export async function tinyTrials(scenario: string, runners: readonly string[], seed: string): Promise<TinyTrial[]> {
  const out = mkdtempSync(join(tmpdir(), "tiny-trials-"));
  try {
    const { folder } = await runBench(
      {
        filters: [join(ROOT, "test", scenario), ...runners],
        profile: "smoke",
        seed,
        sessions: SESSIONS,
        postgres: "embedded",
        price: { input: 3, output: 15 },
        pin: true,
        calibrate: false,
        invocation: "npx agent-derby run",
        signal: new AbortController().signal,
        out,
      },
      QUIET,
    );
    const campaign = Campaign.open(folder);
    return (await judgedTrials(folder)).map(({ plan, summary: { verdicts } }) => {
      const { status, reason } = campaign.outcome(plan.id) ?? { status: "not recorded", reason: undefined };
      return { runner: plan.runner, trouble: status === "recorded" ? null : (reason ?? status), verdicts };
    });
  } finally {
    rmSync(out, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Checkers that found something, with what they say first. */
export function findingsOf({ verdicts }: TinyTrial): Map<string, string> {
  return new Map(
    verdicts.flatMap(({ checker, result, reason, evidence }) =>
      result === false ? [[checker, evidence[0]?.says ?? reason] as const] : [],
    ),
  );
}

/** What was planted into a contestant. */
export interface Planted {
  readonly must: readonly string[];
  readonly may: readonly string[];
}

/** What is wrong with what was found, as sentences; empty where all that must find something did, and nobody else but those that may. */
export function misjudged(trial: TinyTrial, { must, may }: Planted): string[] {
  if (trial.trouble !== null) return [`${trial.runner} did not take part: ${trial.trouble}`];
  const found = findingsOf(trial);
  const missing = must
    .filter((checker) => !found.has(checker))
    .map((checker) => `${trial.runner}: ${checker} is silent`);
  const strangers = [...found].filter(([checker]) => !must.includes(checker) && !may.includes(checker));
  return [
    ...missing,
    ...strangers.map(([checker, says]) => `${trial.runner}: ${checker} must be silent and says: ${says}`),
  ];
}
