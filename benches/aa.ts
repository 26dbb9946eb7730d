/**
 * What this machine shows where there is nothing to see: the same runner against itself, as two contestants of one campaign.
 *
 *     node benches/aa.ts [--pairs 20] [--runner async] [--out results/aa] [--json FILE]
 *
 * Every block is one pair; both run the same files under two names, with the same seed, in drawn order. A campaign in --out that
 * was stopped is gone on with. Printed are the spread of the log ratios, from which the detectable change follows, and the false
 * alarms of the decisions that the pairs make together and in groups of ten, with the bound that so few decisions allow.
 */
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runBench } from "../harness/bench.ts";
import { pairedFigures } from "../harness/compare/figure-pairs.ts";
import { pairsOf } from "../harness/compare/pairs.ts";
import { TrialError, UsageError } from "../harness/errors.ts";
import { packageRoot, sourceRoot } from "../harness/package-root.ts";
import { campaignFolders } from "../harness/recordings.ts";
import { resolveRunner } from "../harness/runner-check.ts";
import { upperBound } from "../harness/statistics/binomial.ts";
import { DECISION_RULE, decidePairs } from "../harness/statistics/decision.ts";
import type { Summary } from "../harness/summary.ts";

/** Pairs of one decision among several. */
const GROUP = 10;
const SESSIONS = 200;
const QUANTILES = ["overhead p50", "overhead p90", "overhead p99"] as const;

/** A steady load of about 100 short turns a second: nine seconds of it give some 900 turns, enough for a p99. */
const SCENARIO = {
  asks: "What does this machine show where there is nothing to see?",
  cohorts: {
    everyone: {
      sessions: SESSIONS,
      turns: 12,
      thinkMs: { dist: "exponential", mean: 4_000 },
      script: [
        {
          say: { firstTokenMs: { dist: "constant", value: 200 }, tokens: { dist: "constant", value: 8 } },
          call: "save_note",
        },
        { tool: "save_note", takesMs: { dist: "constant", value: 20 }, effect: "keyed" },
        { say: { firstTokenMs: { dist: "constant", value: 200 }, tokens: { dist: "uniform", low: 8, high: 16 } } },
      ],
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
    },
  },
  phases: { warmupMs: 8_000, calmMs: 30_000, faultMs: 0, quietMs: 1_000 },
  observe: { overhead: ["everyone"] },
};

/** The runner's folder twice under other names, with the kit and the packages where its imports expect them. */
function twins(runner: string, out: string): readonly [string, string] {
  const { folder, language } = resolveRunner(runner);
  const place = join(out, "twins");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), '{ "private": true, "type": "module" }\n');
  symlinkSync(join(packageRoot, "node_modules"), join(place, "node_modules"));
  const kit = join(sourceRoot, "runners/kit", language.toLowerCase());
  if (existsSync(kit)) cpSync(kit, join(place, "kit", language.toLowerCase()), { recursive: true });
  const copy = (side: string): string => {
    const twin = join(place, `${basename(folder)}-${side}`);
    cpSync(folder, twin, { recursive: true });
    return resolve(twin);
  };
  return [copy("left"), copy("right")];
}

async function recordPairs(pairs: number, runner: string, out: string): Promise<Summary> {
  mkdirSync(out, { recursive: true });
  const scenario = join(out, "nothing-to-see.json");
  writeFileSync(scenario, JSON.stringify(SCENARIO));
  const both = twins(runner, out);
  const stopped = campaignFolders(out).at(-1);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const options = {
    profile: "smoke",
    postgres: "embedded",
    price: { input: 3, output: 15 },
    pin: true,
    invocation: "npx agent-derby run",
    out,
    signal: stop.signal,
  };
  const what =
    stopped === undefined
      ? { filters: [resolve(scenario), ...both], seed: "aa", sessions: SESSIONS, blocks: pairs }
      : { filters: [], resume: join(out, stopped) };
  const { summary, interrupted } = await runBench(
    { ...options, ...what },
    {
      planned: ({ trials }) =>
        say(`${trials.length} trials of about ${Math.round((trials[0]?.load.durationMs ?? 0) / 1000)} s`),
      trialStarted: () => undefined,
      progress: () => undefined,
      trialEnded: ({ id }, status, reason) => say(`${id} ${status}${reason === undefined ? "" : `: ${reason}`}`),
      note: say,
    },
  );
  if (interrupted) throw new UsageError(`Stopped. The same command goes on with ${out}.`);
  return summary;
}

/** Consecutive groups of ten. */
const grouped = (values: readonly number[]): number[][] =>
  Array.from({ length: Math.floor(values.length / GROUP) }, (_, index) =>
    values.slice(index * GROUP, (index + 1) * GROUP),
  );

const isAlarm = (logRatios: readonly number[]): boolean => ["better", "worse"].includes(decidePairs(logRatios).verdict);

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

/** What the pairs of one figure say. Groups share no pair, so only they count as decisions of their own for the bound. */
function figureReport(figure: string, logRatios: readonly number[]) {
  const groups = grouped(logRatios);
  const alarms = groups.filter(isAlarm).length;
  const all = decidePairs(logRatios);
  return {
    figure,
    pairs: logRatios.length,
    spread: Number(spreadOf(logRatios).toFixed(4)),
    ratio: all.ratio,
    detectable: all.detectable,
    together: all.verdict,
    alarmTogether: isAlarm(logRatios),
    decisionsOfTen: groups.length,
    alarmsOfTen: alarms,
    rateAtMost: groups.length === 0 ? null : Number(upperBound(alarms, groups.length, 0.99).toFixed(4)),
    logRatios: logRatios.map((value) => Number(value.toFixed(5))),
  };
}

function reportOf(summary: Summary) {
  const [scenario] = summary.scenarios;
  const [left, right] = scenario?.results ?? [];
  if (left === undefined || right === undefined) throw new UsageError("The campaign does not hold two twins.");
  const trials = [...left.trials, ...right.trials];
  const figures = pairedFigures(pairsOf(left, right), ["everyone"]);
  return {
    environment: summary.environment,
    runner: left.runner.replace(/-left$/, ""),
    trials: trials.length,
    voids: trials
      .filter(({ validity }) => validity.verdict !== "valid")
      .map(({ id, validity }) => ({ id, reasons: validity.reasons })),
    alpha: DECISION_RULE.alpha,
    figures: QUANTILES.flatMap((name) => {
      const found = figures.find(({ figure, phase }) => figure === name && phase === "calm");
      return found === undefined || found.logRatios.length === 0 ? [] : [figureReport(name, found.logRatios)];
    }),
  };
}

function print(report: ReturnType<typeof reportOf>): void {
  console.log(`${report.runner} against itself, ${report.trials} trials, ${report.voids.length} not valid`);
  for (const {
    figure,
    pairs,
    spread,
    detectable,
    together,
    decisionsOfTen,
    alarmsOfTen,
    rateAtMost,
  } of report.figures) {
    console.log(`${figure}: ${pairs} pairs, SD of the log ratio ${spread}, all together: ${together}`);
    if (detectable !== null)
      console.log(`  a change of ${(detectable * 100).toFixed(1)} % would be found in 9 of 10 cases`);
    if (rateAtMost !== null)
      console.log(
        `  ${alarmsOfTen} false alarms in ${decisionsOfTen} decisions of ${GROUP} pairs: a rate of at most ${(rateAtMost * 100).toFixed(0)} % (upper 99 % bound)`,
      );
  }
  console.log("Figures of the same pairs are not independent of each other. Nothing more is claimed.");
}

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "20" },
    runner: { type: "string", default: "async" },
    out: { type: "string", default: join("results", "aa") },
    json: { type: "string" },
  },
});
try {
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > 100)
    throw new UsageError(`--pairs takes 1 to 100, not "${values.pairs}".`);
  const report = reportOf(await recordPairs(pairs, values.runner, values.out));
  print(report);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof TrialError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
