/**
 * A lane: one session seen closely. Everything that the witnesses saw of it around one fault, on one time axis. Promises: at most a
 * minute and a bounded number of rows, and it says what was left out. Leaves to others: which session, and why (`lanes.ts`).
 */
import { isIntact } from "../checkers/context.ts";
import type { HistoryIndex, SessionRecord } from "../checkers/history-index.ts";
import { type Interruptions, repeatsOf } from "../checkers/repeats.ts";
import type { TrialEvent } from "../history.ts";
import { round } from "../statistics/round.ts";
import type { TrialPlan } from "../trial.ts";
import type { CauseSpan } from "./cause-spans.ts";
import { type Damage, type Focus, faultBehind, type Harmed } from "./lane-damage.ts";
import type { LaneTracks } from "./lane-rows.ts";
import { type LaneSpan, laneSpans } from "./lane-spans.ts";
import { heaviest, tracksOf } from "./lane-tracks.ts";

/** A lane shows so much time at most. */
const WINDOW_MOST_MS = 60_000;
const BEFORE_LEAST_MS = 1_000;
const BEFORE_MOST_MS = 15_000;
const AFTER_LEAST_MS = 1_500;
/** Shown of a session that never works again. */
const NEVER_MS = 15_000;
/** Room behind the last event that is to be seen, as a share of the window. */
const MARGIN = 0.04;
const FAULTS_MOST = 8;
const PROCESSES_MOST = 12;
const PROOF_MOST = 120;
const SPANS_MOST = 30;

/** `how` of an end: a signal or a code. `served`: it acted for the session at any time. Milliseconds from the lane's zero. */
export type LaneProcess = readonly [
  process: string,
  replica: number,
  start: number,
  startMs: number,
  readyMs: number | null,
  exitMs: number | null,
  how: string,
  expected: 0 | 1,
  served: 0 | 1,
];
export type LaneFault = readonly [
  id: string,
  kind: string,
  firedMs: number,
  landedMs: number | null,
  readyMs: number | null,
  proof: string,
];

/** One session around one instant. */
export interface Lane extends LaneTracks {
  readonly session: string;
  readonly cohort: string;
  /** Whether it is the worst session of its trial. */
  readonly worst: boolean;
  /** Broken claims whose evidence names it. */
  readonly checkers: readonly string[];
  readonly damage: Damage;
  /** What stands at zero: a fault, by its id; or where none is behind it, a turn that was due or was told to crash then. */
  readonly zero: { readonly fault: string } | { readonly crash: number } | { readonly turn: number };
  /** Seconds from the start of the load to zero. */
  readonly zeroS: number;
  /** The window, in milliseconds from zero. */
  readonly fromMs: number;
  readonly toMs: number;
  /** When the first intact answer after zero was read; null if none ever was. */
  readonly worksAgainMs: number | null;
  /** Turns that ended before the window, and turns that were due after it. */
  readonly outside: readonly [before: number, after: number];
  readonly phases: readonly (readonly [phase: string, fromMs: number])[];
  readonly faults: readonly LaneFault[];
  readonly processes: readonly LaneProcess[];
  /** What is known to have held the whole runtime up. */
  readonly spans: readonly LaneSpan[];
}

/** What stands at zero, and when that was in trial time. */
function zeroOf(index: HistoryIndex, focus: Focus): { readonly zero: Lane["zero"]; readonly zeroMs: number } {
  const fault = faultBehind(index, focus);
  const crash = focus.turn?.crashes.find(({ event }) => event.die !== false)?.event;
  if (fault !== null) return { zero: { fault: fault.id }, zeroMs: fault.firedMs ?? 0 };
  if (crash !== undefined) return { zero: { crash: crash.n }, zeroMs: crash.t };
  return { zero: { turn: focus.turn?.number ?? 1 }, zeroMs: focus.turn?.enabled?.event.t ?? focus.nearMs };
}

/** The window in trial time, and when the session worked again. */
function windowOf(index: HistoryIndex, session: SessionRecord, focus: Focus, zeroMs: number) {
  const pending = session.turns.flatMap(({ enabled, ended }) =>
    enabled !== null && enabled.event.t < zeroMs && (ended?.event.t ?? Number.POSITIVE_INFINITY) > zeroMs
      ? [enabled.event.t]
      : [],
  );
  const beforeMs = Math.min(BEFORE_MOST_MS, Math.max(BEFORE_LEAST_MS, zeroMs - Math.min(zeroMs, ...pending)));
  const answers = session.turns.filter(({ acknowledged }) => (acknowledged?.event.t ?? 0) >= zeroMs);
  const works = answers.find((turn) => isIntact(session, turn))?.acknowledged?.event.t ?? null;
  const shown = [
    works ?? answers[0]?.acknowledged?.event.t ?? zeroMs + NEVER_MS,
    focus.turn?.ended?.event.t ?? zeroMs,
    Number.isFinite(focus.nearMs) ? focus.nearMs : zeroMs,
    zeroMs + AFTER_LEAST_MS,
  ].filter((ms) => ms - zeroMs <= WINDOW_MOST_MS - beforeMs);
  const lastMs = Math.max(...shown);
  const marginMs = (lastMs - zeroMs + beforeMs) * MARGIN;
  const fromMs = zeroMs - beforeMs - marginMs;
  return { fromMs, toMs: Math.min(lastMs + marginMs, fromMs + WINDOW_MOST_MS, index.endMs), works };
}

type At = (ms: number) => number;
const orNull = (at: At, ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : at(ms);

function faultRows({ faults }: HistoryIndex, fromMs: number, toMs: number, at: At): LaneFault[] {
  return faults
    .flatMap(({ id, kind, firedMs, landed, readyMs }): LaneFault[] => {
      if (firedMs === null || firedMs > toMs || (readyMs ?? Number.POSITIVE_INFINITY) < fromMs) return [];
      const proof = (landed?.event.proof ?? "").slice(0, PROOF_MOST);
      return [[id, kind, at(firedMs), orNull(at, landed?.event.t), orNull(at, readyMs), proof]];
    })
    .slice(0, FAULTS_MOST);
}

/** Ends of processes, by the number of their start. */
export function exitsOf(events: readonly TrialEvent[]): ReadonlyMap<number, Extract<TrialEvent, { e: "exit" }>> {
  return new Map(events.flatMap((event) => (event.e === "exit" ? [[event.i, event] as const] : [])));
}

/** Starts that were alive within the window; of too many those that served the session, then the latest. */
function processRows(
  { index, session, exits }: { index: HistoryIndex; session: SessionRecord; exits: ReturnType<typeof exitsOf> },
  fromMs: number,
  toMs: number,
  at: At,
): LaneProcess[] {
  const servers = new Set(
    session.turns.flatMap(({ asks, tools }) => [
      ...asks.map(({ event }) => event.i),
      ...tools.map((one) => one.asked.event.i),
    ]),
  );
  const alive = index.incarnations.filter(
    ({ startMs, exitMs }) => startMs <= toMs && (exitMs ?? Number.POSITIVE_INFINITY) >= fromMs,
  );
  const chosen = [...alive]
    .sort((a, b) => Number(servers.has(b.i)) - Number(servers.has(a.i)) || b.startMs - a.startMs)
    .slice(0, PROCESSES_MOST);
  return alive
    .filter((one) => chosen.includes(one))
    .map(({ process, replica, i, startMs, readyMs, exitMs }) => {
      const exit = exits.get(i);
      const how = exit === undefined ? "" : (exit.signal ?? `code ${exit.code}`);
      const served = servers.has(i) ? 1 : 0;
      return [
        process,
        replica,
        i,
        at(startMs),
        orNull(at, readyMs),
        orNull(at, exitMs),
        how,
        exit?.expected ? 1 : 0,
        served,
      ];
    });
}

/** What is the same for all lanes of a trial. */
export interface LaneSetting {
  readonly plan: TrialPlan;
  readonly index: HistoryIndex;
  readonly interruptions: Interruptions;
  readonly exits: ReturnType<typeof exitsOf>;
  readonly causes: readonly CauseSpan[];
}

/** The lane of one session around what is behind a focus. */
export function laneOf(
  { plan, index, interruptions, exits, causes }: LaneSetting,
  { session, gone, damage }: Harmed,
  focus: Focus,
  chosen: Pick<Lane, "worst" | "checkers">,
): Lane {
  const { zero, zeroMs } = zeroOf(index, focus);
  const { fromMs, toMs, works } = windowOf(index, session, focus, zeroMs);
  const at: At = (ms) => Math.round(ms - zeroMs);
  const asked = session.turns.filter(({ attempts }) => attempts.length > 0);
  const before = asked.filter((turn) => (turn.ended?.event.t ?? Number.POSITIVE_INFINITY) < fromMs).length;
  const after = asked.filter(({ enabled }) => (enabled?.event.t ?? 0) > toMs).length;
  const phases = index.phases.filter((span) => span.fromMs <= toMs && span.toMs >= fromMs);
  const repeats = session.turns.flatMap((turn) => repeatsOf(turn, interruptions));
  return {
    session: session.id,
    cohort: session.cohort,
    ...chosen,
    damage,
    zero,
    zeroS: round((zeroMs - index.loadMs) / 1000, 1),
    fromMs: at(fromMs),
    toMs: at(toMs),
    worksAgainMs: orNull(at, works),
    outside: [before, after],
    phases: phases.map((span) => [span.phase, Math.max(at(span.fromMs), at(fromMs))]),
    faults: faultRows(index, fromMs, toMs, at),
    processes: processRows({ index, session, exits }, fromMs, toMs, at),
    spans: heaviest(laneSpans(causes, fromMs, toMs, at), SPANS_MOST, ([, from, to]) => to - from),
    ...tracksOf({ plan, index, session, gone, repeats, zeroMs, fromMs, toMs }),
  };
}
