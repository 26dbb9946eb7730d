/**
 * Says what a campaign is doing: a block of lines that redraws itself on a terminal, plain lines elsewhere.
 * Holds what the watcher calls tell it, and nothing about how a campaign runs.
 */
import type { BenchProgress, BenchWatcher } from "../harness/bench.ts";
import type { DriverSecond, TrialLive } from "../harness/live.ts";
import type { CampaignPlan, TrialOutcome, TrialPlan } from "../harness/trial.ts";
import { count, duration } from "../reports/format.ts";
import { roughTime } from "./table.ts";

const PLAIN_EVERY_MS = 5_000;
const REDRAW_EVERY_MS = 200;
const ERASE_LINE = "\u001b[2K";
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : "");

/** Where lines go: standard error, or what a test passes. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Everything that a status shows. Times are milliseconds of one clock. */
export interface CampaignState {
  readonly plan: CampaignPlan;
  readonly done: number;
  readonly running: {
    readonly trial: TrialPlan;
    readonly sinceMs: number;
    readonly progress: BenchProgress | null;
    /** What the last second brought; only where somebody looks on. */
    readonly second?: DriverSecond;
    /** The fault that was heard of last: "kill landed". */
    readonly fault?: string;
  } | null;
  /** Milliseconds planned and really spent for the trials that have ended. */
  readonly plannedMs: number;
  readonly spentMs: number;
}

/** Milliseconds until the end: what the plan expects, corrected by how the trials so far took. */
export function remainingMs(state: CampaignState, nowMs: number): number {
  const pace = state.plannedMs > 0 ? state.spentMs / state.plannedMs : 1;
  const running =
    state.running === null
      ? 0
      : Math.max(0, state.running.trial.load.durationMs * pace - (nowMs - state.running.sinceMs));
  const begun = state.done + (state.running === null ? 0 : 1);
  const waiting = state.plan.trials.slice(begun).reduce((sum, trial) => sum + trial.load.durationMs * pace, 0);
  return running + waiting;
}

function runningLine(state: CampaignState): string {
  const { running } = state;
  if (running === null) return "between trials";
  const { trial, progress } = running;
  const head = `trial ${state.done + 1} of ${state.plan.trials.length}: ${trial.scenario} on ${trial.runner}`;
  if (progress === null) return `${head}, starting`;
  const { phase, live, pending, acknowledged, turnsPerSecond, elapsedMs } = progress;
  const load = `${count(live)} live, ${count(pending)} pending, ${count(acknowledged)} turns answered, ${turnsPerSecond.toFixed(0)} turns/s`;
  return `${head}, ${phase} (${roughTime(elapsedMs)}): ${load}`;
}

/** The last second of the load in a line; nothing where it was not told. */
function secondLine({ running }: CampaignState): string[] {
  const { second, fault } = running ?? {};
  if (second === undefined) return [];
  const { offered, answered, failed, pending, overhead } = second;
  const turns = `last second: ${count(offered)} offered, ${count(answered)} answered, ${count(failed)} failed, ${count(pending)} pending`;
  const { p50Ms, maxMs } = overhead;
  const times = p50Ms === null || maxMs === null ? "" : `, overhead p50 ${duration(p50Ms)}, max ${duration(maxMs)}`;
  return [`${turns}${times}${fault === undefined ? "" : `; ${fault}`}`];
}

/** The lines of a status: what runs, what the last second brought, what is left, when it ends. */
export function statusLines(state: CampaignState, nowMs: number, clockMs: number): string[] {
  const next = state.plan.trials
    .slice(state.done + 1, state.done + 4)
    .map((trial) => `${trial.scenario} on ${trial.runner}`);
  const more = state.plan.trials.length - state.done - 1 - next.length;
  const left =
    next.length === 0 ? "nothing left after this" : `then ${next.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const restMs = remainingMs(state, nowMs);
  const end = new Date(clockMs + restMs).toTimeString().slice(0, 5);
  return [
    runningLine(state),
    ...secondLine(state),
    left,
    `about ${roughTime(restMs)} left, until ${end}; Ctrl-C stops and keeps what was recorded`,
  ];
}

/** Prints to a screen what a campaign reports. `close` leaves the cursor below everything. */
export class ProgressPrinter implements BenchWatcher {
  readonly #screen: Screen;
  readonly #now: () => number;
  /** On a terminal alone: elsewhere nobody looks on, and nobody is asked for it. */
  readonly live?: (event: TrialLive) => void;
  #state: CampaignState | null = null;
  #drawn = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that never goes back */
  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
    if (screen.isTTY === true) this.live = (event) => this.#heard(event);
  }

  #heard(event: TrialLive): void {
    if (this.#state?.running == null) return;
    const { running } = this.#state;
    if (event.e === "second") this.#state = { ...this.#state, running: { ...running, second: event } };
    if (event.e !== "fault") return;
    const kind = running.trial.faults.find(({ id }) => id === event.id)?.kind ?? event.id;
    this.#state = { ...this.#state, running: { ...running, fault: `${kind} ${event.state}` } };
  }

  /** Called again when blocks were added: what has been spent so far still tells how long the rest takes. */
  planned(plan: CampaignPlan): void {
    if (this.#state !== null) {
      this.#state = { ...this.#state, plan };
      return;
    }
    this.#state = { plan, done: 0, running: null, plannedMs: 0, spentMs: 0 };
    const expectedMs = plan.trials.reduce((sum, trial) => sum + trial.load.durationMs, 0);
    this.note(`${plan.trials.length} trials, about ${roughTime(expectedMs)}, seed ${plan.seed}`);
    for (const reduction of plan.reductions) this.note(reduction);
  }

  trialStarted(trial: TrialPlan, index: number): void {
    if (this.#state === null) return;
    this.#state = { ...this.#state, done: index, running: { trial, sinceMs: this.#now(), progress: null } };
    this.#show(true);
  }

  progress(progress: BenchProgress): void {
    if (this.#state?.running == null) return;
    const changed = this.#state.running.progress?.phase !== progress.phase;
    this.#state = { ...this.#state, running: { ...this.#state.running, progress } };
    this.#show(changed);
  }

  trialEnded(trial: TrialPlan, status: TrialOutcome["status"], reason?: string): void {
    const { running } = this.#state ?? { running: null };
    if (this.#state === null || running === null) return;
    const tookMs = this.#now() - running.sinceMs;
    const why = reason === undefined ? "" : `: ${reason}`;
    const { done, plannedMs, spentMs } = this.#state;
    const times = { plannedMs: plannedMs + trial.load.durationMs, spentMs: spentMs + tookMs };
    this.#state = { ...this.#state, ...times, done: done + 1, running: null };
    this.note(`${trial.scenario} on ${trial.runner} ${status} in ${roughTime(tookMs)}${why}`);
  }

  /** A sentence that stays on the screen. */
  note(sentence: string): void {
    this.#erase();
    this.#screen.write(`${sentence}\n`);
  }

  close(): void {
    this.#erase();
    this.#state = null;
  }

  #show(changed: boolean): void {
    if (this.#state === null) return;
    const now = this.#now();
    const onTerminal = this.#screen.isTTY === true;
    if (!changed && now - this.#lastMs < (onTerminal ? REDRAW_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.#lastMs = now;
    const lines = statusLines(this.#state, now, Date.now());
    if (!onTerminal) {
      this.#screen.write(`${lines[0]}; about ${roughTime(remainingMs(this.#state, now))} left\n`);
      return;
    }
    if (lines.length < this.#drawn) this.#erase();
    const width = (this.#screen.columns ?? 80) - 1; // a line that wraps could not be redrawn
    this.#screen.write(`${up(this.#drawn)}${lines.map((line) => `${ERASE_LINE}${line.slice(0, width)}\n`).join("")}`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.write(`${up(this.#drawn)}\u001b[0J`);
    this.#drawn = 0;
  }
}
