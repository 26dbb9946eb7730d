/**
 * Reads one recorded trial and judges it by every checker in this process, and says what each took; started by `checkers.ts` on one core.
 *
 *     node benches/checkers-judging.ts FOLDER
 */
import { buildIndex } from "../harness/checkers/history-index.ts";
import { CHECKERS } from "../harness/checkers/index.ts";
import { monotonicMs } from "../harness/clock.ts";
import { readHistory } from "../harness/history-file.ts";
import { judgeWith } from "../harness/judge.ts";
import { Campaign } from "../harness/recordings.ts";

export interface JudgedOnce {
  readonly sessions: number;
  readonly readSeconds: number;
  /** Grouping and all checkers. */
  readonly judgeSeconds: number;
  /** CPU time of both, of all threads: less than the time that passed where others held the core. */
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  /** Seconds by what was done, most first. */
  readonly parts: readonly (readonly [part: string, seconds: number])[];
}

function timed<Value>(work: () => Value): readonly [Value, number] {
  const beganMs = monotonicMs();
  const value = work();
  return [value, (monotonicMs() - beganMs) / 1000];
}

function main(folder: string): JudgedOnce {
  const campaign = Campaign.open(folder);
  const plan = campaign.plan(campaign.header.trials[0] ?? "");
  const promises = campaign.contestants.find(({ name }) => name === plan.runner)?.promises ?? {};
  const before = process.cpuUsage();
  const [history, readSeconds] = timed(() => readHistory(campaign.trialFolder(plan.id), plan));
  const [index, indexSeconds] = timed(() => buildIndex(history));
  const parts: (readonly [string, number])[] = Object.entries(CHECKERS).map(([id, checker]) => {
    const [, seconds] = timed(() => judgeWith(checker, { history, index, promises }));
    return [id, seconds];
  });
  parts.push(["grouping", indexSeconds]);
  const { user, system } = process.cpuUsage(before);
  return {
    sessions: index.sessions.length,
    readSeconds,
    judgeSeconds: parts.reduce((sum, [, seconds]) => sum + seconds, 0),
    cpuSeconds: (user + system) / 1e6,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    parts: parts.sort((a, b) => b[1] - a[1]),
  };
}

console.log(JSON.stringify(main(process.argv[2] ?? "")));
