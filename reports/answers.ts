/**
 * The answers of the first screen, as data: who lost or forgot turns when killed, when everybody worked again, what it cost, which
 * promises held, and which trials count. Promises: every number is one of the summary's, or a sum of its counts over valid trials;
 * a runner without a valid trial has a reason and no number. Leaves to others: tails (tails.ts), trust (trust-answer.ts), words.
 */
import type { PromiseSummary, Recovery, ScenarioSummary, Summary, TrialSummary } from "../harness/summary.ts";

/** Faults that end a process of the runtime, or of its database, without warning. Any other fault leaves it time or alive. */
const KILLS = ["kill", "postgres-kill"];

/** What is known of one runner, or why nothing is. */
export type Answer<Value> =
  | {
      readonly known: true;
      readonly value: Value;
      /** Valid trials that it is made of, and how many there were. */
      readonly trials: number;
      readonly of: number;
    }
  | {
      readonly known: false;
      readonly state: "not asked" | "void" | "failed isolation" | "refused" | "profiled";
      /** In words, without a full stop. */
      readonly why: string;
      /** A trial whose certificate tells more. */
      readonly trial: string | null;
    };

/** What is left of what clients had been told. Turns and conversations, added up over trials. */
export interface Kept {
  readonly acknowledged: number;
  /** Acknowledged turns that the model was not shown again. */
  readonly forgotten: number;
  readonly sessions: number;
  readonly sessionsForgotten: number;
  /** Acknowledged turns that a last read lacks; null where the runtime offers no reads. */
  readonly lostByRead: number | null;
}

/** How the sessions that a kill had hit went on. Sessions, added up over trials and kills. */
export interface WorkedAgain {
  readonly hit: number;
  readonly recovered: number;
  /** Answered again, without their memory. */
  readonly amnesiac: number;
  /** Gave no answer any more. */
  readonly never: number;
  /** Sessions of all that did not answer their last turn, hit or not. */
  readonly unanswered: number;
  /** The longest recovery; null unless every session that was hit recovered. */
  readonly longestMs: number | null;
  /** The longest time until a killed process was ready again; null where it never was, or nobody saw it. */
  readonly readyMs: number | null;
}

/** Completions, added up over trials. */
export interface Cost {
  readonly avoidable: { readonly calls: number; readonly dollars: number };
  readonly bought: { readonly calls: number; readonly dollars: number; readonly inputTokens: number };
}

/** Promises by what became of them, by name. */
export type PromiseStates = Readonly<Record<PromiseSummary["state"], readonly string[]>>;

export interface RunnerAnswers {
  readonly runner: string;
  readonly kept: Answer<Kept>;
  readonly workedAgain: Answer<WorkedAgain>;
  readonly cost: Answer<Cost>;
  readonly promises: PromiseStates;
  /** Over all scenarios. */
  readonly valid: number;
  readonly trials: number;
}

export interface Answers {
  /** Scenarios that kill, by name. */
  readonly kills: readonly string[];
  /** What the cost is counted in: scenarios that kill, or all where none does. */
  readonly costIn: "kills" | "all";
  /** In the order in which scenarios name them. */
  readonly runners: readonly RunnerAnswers[];
}

const isKill = (kind: string): boolean => KILLS.includes(kind);

/** Kinds of the faults of a plan; each line of the summary begins with one. */
function plannedKinds(scenario: ScenarioSummary): readonly string[] {
  return scenario.faults.map((line) => /^[a-z-]+/.exec(line)?.[0] ?? "");
}

/** Whether a process was killed in this trial: faults that landed, between steps or at one. */
function wasKilled({ timeline, steps }: TrialSummary): boolean {
  const struck = steps.filter(({ missed }) => missed === null);
  return [...timeline.faults, ...struck].some(({ kind }) => isKill(kind));
}

/** Whether a scenario kills, whatever it is called. */
export function killsIn(scenario: ScenarioSummary): boolean {
  const trials = scenario.results.flatMap((result) => result.trials);
  return plannedKinds(scenario).some(isKill) || trials.some(wasKilled);
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** The largest of all, or null as soon as one is unknown. */
function largest(values: readonly (number | null)[]): number | null {
  let most: number | null = null;
  for (const value of values) {
    if (value === null) return null;
    most = Math.max(most ?? value, value);
  }
  return most;
}

function keptIn(trials: readonly TrialSummary[]): Kept {
  const reads = trials.map(({ memory }) => memory.lostByRead);
  return {
    acknowledged: sum(trials, ({ memory }) => memory.acknowledged),
    forgotten: sum(trials, ({ memory }) => memory.forgotten),
    sessions: sum(trials, ({ memory }) => memory.sessions),
    sessionsForgotten: sum(trials, ({ memory }) => memory.sessionsForgotten),
    lostByRead: reads.every((lost) => lost === null) ? null : sum(reads, (lost) => lost ?? 0),
  };
}

type RecoveryFigures = Pick<Recovery, "touched" | "recovered" | "amnesiac" | "never" | "maxMs">;

/** Cohorts whose recovery is observed, and the samples held at a step, which are in none of them. */
function recoveriesIn(trials: readonly TrialSummary[]): readonly RecoveryFigures[] {
  return trials.flatMap(({ recovery, steps }) => [
    ...recovery,
    ...steps.filter(({ missed, kind }) => missed === null && isKill(kind)).map((step) => step.recovery),
  ]);
}

function workedAgainIn(trials: readonly TrialSummary[]): WorkedAgain {
  const rows = recoveriesIn(trials).filter(({ touched }) => touched > 0);
  const recovered = sum(rows, (row) => row.recovered);
  const hit = sum(rows, (row) => row.touched);
  const kills = trials.flatMap(({ timeline }) => timeline.faults.filter(({ kind }) => isKill(kind)));
  return {
    hit,
    recovered,
    amnesiac: sum(rows, (row) => row.amnesiac),
    never: sum(rows, (row) => row.never),
    unanswered: sum(trials, ({ goodput }) => goodput.proofs.unanswered),
    longestMs: recovered === hit ? largest(rows.map(({ maxMs }) => maxMs)) : null,
    readyMs: largest(kills.map(({ atS, readyS }) => (readyS === null ? null : (readyS - atS) * 1000))),
  };
}

function costIn(trials: readonly TrialSummary[]): Cost {
  const of = (kind: "avoidable" | "bought") => ({
    calls: sum(trials, ({ economy }) => economy[kind].calls),
    dollars: sum(trials, ({ economy }) => economy[kind].dollars),
    inputTokens: sum(trials, ({ economy }) => economy[kind].inputTokens),
  });
  return { avoidable: of("avoidable"), bought: of("bought") };
}

/** A runner that forgot and sent the model less than one that did not: what looks thrifty in dollars is lost memory. */
export interface SentLess {
  readonly runner: string;
  /** Input tokens of a completion, mean. */
  readonly tokens: number;
  /** Those of the runner that forgot nothing and sent most. */
  readonly kept: { readonly runner: string; readonly tokens: number };
}

/** A difference from which it is told. */
const CLEARLY_LESS = 0.9;

/** @param runners of `answersOf`; nobody where no runner kept everything */
export function sentLess(runners: readonly RunnerAnswers[]): readonly SentLess[] {
  const sent = runners.flatMap(({ runner, kept, cost }) => {
    if (!kept.known || !cost.known || cost.value.bought.calls === 0) return [];
    const { inputTokens, calls } = cost.value.bought;
    return [{ runner, tokens: inputTokens / calls, forgot: kept.value.forgotten > 0 }];
  });
  const [most] = sent.filter(({ forgot }) => !forgot).sort((a, b) => b.tokens - a.tokens);
  if (most === undefined) return [];
  return sent
    .filter(({ forgot, tokens }) => forgot && tokens < CLEARLY_LESS * most.tokens)
    .map(({ runner, tokens }) => ({ runner, tokens, kept: { runner: most.runner, tokens: most.tokens } }));
}

function trialsOf(runner: string, scenarios: readonly ScenarioSummary[]): readonly TrialSummary[] {
  return scenarios.flatMap(({ results }) =>
    results.filter((result) => result.runner === runner).flatMap((result) => result.trials),
  );
}

/** Why there is nothing to tell; `missing` is said where no trial stands for the answer at all. */
function unknown(trials: readonly TrialSummary[], missing: string): Extract<Answer<never>, { known: false }> {
  const lost = trials.find(({ validity }) => validity.verdict !== "valid");
  if (lost === undefined || lost.validity.verdict === "valid")
    return { known: false, state: "not asked", why: missing, trial: null };
  const reasons = lost.validity.reasons.join(" ").replace(/\.$/, "") || "no reason was recorded";
  return { known: false, state: lost.validity.verdict, why: reasons, trial: lost.id };
}

/** Asks the trials that count. @param met whether a valid trial met what is asked about */
function asked<Value>(
  trials: readonly TrialSummary[],
  met: (trial: TrialSummary) => boolean,
  value: (trials: readonly TrialSummary[]) => Value,
  missing: string,
): Answer<Value> {
  const valid = trials.filter(({ validity }) => validity.verdict === "valid");
  const telling = valid.filter(met);
  if (telling.length === 0) return unknown(valid.length > 0 ? [] : trials, missing);
  return { known: true, value: value(telling), trials: telling.length, of: trials.length };
}

function promisesOf(summary: Summary, runner: string): PromiseStates {
  const named = (state: PromiseSummary["state"]) =>
    summary.promises.filter((row) => row.runner === runner && row.state === state).map(({ promise }) => promise);
  return {
    kept: named("kept"),
    broken: named("broken"),
    "not offered": named("not offered"),
    untested: named("untested"),
  };
}

/** All runners of a run, in the order in which scenarios name them. */
export function runnersOf(summary: Summary): readonly string[] {
  return [...new Set(summary.scenarios.flatMap(({ results }) => results.map(({ runner }) => runner)))];
}

/** The answers of a whole run. */
export function answersOf(summary: Summary): Answers {
  const killing = summary.scenarios.filter(killsIn);
  const missing = killing.length === 0 ? "no scenario of this run kills" : "no kill landed in a trial of it";
  const priced = killing.length === 0 ? summary.scenarios : killing;
  const runners = runnersOf(summary).map((runner): RunnerAnswers => {
    const killed = trialsOf(runner, killing);
    const all = trialsOf(runner, summary.scenarios);
    return {
      runner,
      kept: asked(killed, wasKilled, keptIn, missing),
      workedAgain: asked(killed, wasKilled, workedAgainIn, missing),
      cost: asked(trialsOf(runner, priced), () => true, costIn, "it was in no trial that could tell"),
      promises: promisesOf(summary, runner),
      valid: all.filter(({ validity }) => validity.verdict === "valid").length,
      trials: all.length,
    };
  });
  return { kills: killing.map(({ scenario }) => scenario), costIn: killing.length === 0 ? "all" : "kills", runners };
}
