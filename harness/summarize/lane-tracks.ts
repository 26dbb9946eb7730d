/**
 * The tracks of a lane: what the witnesses saw of one session within a window, as compact rows. Promises: what happened at the edge of a thinned track stays, and so does what is heaviest in it.
 */
import { gapsIn, isIntact } from "../checkers/context.ts";
import { shownBy } from "../checkers/final-read.ts";
import type { Attempt, HistoryIndex, SessionRecord, TurnRecord, WorldSeen } from "../checkers/history-index.ts";
import { scriptOf } from "../checkers/logical-calls.ts";
import type { Repeat } from "../checkers/repeats.ts";
import { keptAtProxy } from "../checkers/step-sample.ts";
import { timersOf } from "../checkers/timers.ts";
import type { TrialPlan } from "../trial.ts";
import { floorMs } from "../world/script.ts";
import type { Gone } from "./lane-damage.ts";
import type {
  LaneAttempt,
  LaneCall,
  LaneEffect,
  LaneHold,
  LaneLocal,
  LaneRead,
  LaneTimer,
  LaneTool,
  LaneTracks,
  LaneTurn,
} from "./lane-rows.ts";

/** What tracks are made of. */
export interface LaneScene {
  readonly plan: TrialPlan;
  readonly index: HistoryIndex;
  readonly session: SessionRecord;
  /** Turns that were acknowledged and are gone, by number. */
  readonly gone: Gone;
  readonly repeats: readonly Repeat[];
  /** Trial time. */
  readonly zeroMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rows of one track at most. */
const ROWS_MOST = 40;
/** Characters of a text that a runtime or a library wrote. */
const TEXT_MOST = 80;

const brief = (text: string | undefined): string => (text ?? "").slice(0, TEXT_MOST);

/** The heaviest rows in their order; first and last always stay. */
export function heaviest<Row>(rows: readonly Row[], most: number, weight: (row: Row) => number): readonly Row[] {
  if (rows.length <= most) return rows;
  const last = rows.length - 1;
  const edge = (at: number): number => (at === 0 || at === last ? 1 : 0);
  const order = rows
    .map((row, at) => ({ at, weight: weight(row) }))
    .sort((a, b) => edge(b.at) - edge(a.at) || b.weight - a.weight || a.at - b.at);
  const chosen = new Set(order.slice(0, most).map(({ at }) => at));
  return rows.filter((_, at) => chosen.has(at));
}

/** Instants of a scene. */
function clockOf({ zeroMs, fromMs, toMs }: LaneScene) {
  const at = (ms: number): number => Math.round(ms - zeroMs);
  return {
    at,
    atOrNull: (ms: number | undefined): number | null => (ms === undefined ? null : at(ms)),
    /** Whether a span touches the window; what has no end goes on. */
    within: (from: number, to: number = Number.POSITIVE_INFINITY): boolean => from <= toMs && to >= fromMs,
  };
}
type Clock = ReturnType<typeof clockOf>;

function turnRows({ plan, session, gone }: LaneScene, { at, atOrNull, within }: Clock): LaneTurn[] {
  return session.turns.flatMap((turn): LaneTurn[] => {
    const { enabled, acknowledged, ended, attempts } = turn;
    if (enabled === null || attempts.length === 0) return [];
    const endMs = (acknowledged ?? ended)?.event.t;
    if (!within(enabled.event.t, endMs)) return [];
    const script = scriptOf(plan, turn);
    const answered = isIntact(session, turn) ? "intact" : "amnesiac";
    const end = acknowledged !== null ? answered : ended !== null ? "failed" : "open";
    const floor = Math.round(script === null ? 0 : floorMs(script));
    const kind = enabled.event.kind ?? "ordinary";
    return [[turn.number, at(enabled.event.t), floor, atOrNull(endMs), end, kind, gone.has(turn.number) ? 1 : 0]];
  });
}

function attemptRows({ session }: LaneScene, { at, atOrNull, within }: Clock): LaneAttempt[] {
  const rowOf = (turn: TurnRecord, client: 1 | 2, { invoked, ended }: Attempt): LaneAttempt[] => {
    const { t, a } = invoked.event;
    if (!within(t, ended?.event.t)) return [];
    const event = ended?.event;
    const why = event === undefined || event.e === "ok" ? "" : event.e === "failed" ? event.code : event.why;
    return [[turn.number, a, client, at(t), atOrNull(event?.t), event?.e ?? "open", brief(why)]];
  };
  return session.turns.flatMap((turn) => [
    ...turn.attempts.flatMap((attempt) => rowOf(turn, 1, attempt)),
    ...turn.others.flatMap((attempt) => rowOf(turn, 2, attempt)),
  ]);
}

function callRow(scene: LaneScene, { at, atOrNull }: Clock, turn: TurnRecord, ask: WorldSeen<"ask">): LaneCall {
  const { event } = ask;
  const purchase = turn.purchases.find((one) => one.ask === ask);
  const denial = turn.denials.find((one) => one.event.k === event.k && one.event.r === event.r);
  const repeat = scene.repeats.find((one) => one.purchase === purchase);
  const sold = purchase !== undefined && purchase.first !== null;
  const end = denial !== undefined ? "denied" : (purchase?.said?.event.end ?? "open");
  const lacks = event.k === 1 ? gapsIn(scene.session, turn, ask).lost.length : 0;
  return [
    turn.number,
    event.k,
    event.p ?? null,
    event.i,
    at(event.t),
    atOrNull(purchase?.first?.event.t),
    atOrNull((denial ?? purchase?.said)?.event.t),
    end,
    purchase?.said?.event.tokens ?? 0,
    sold ? (repeat?.kind ?? "first") : "unsold",
    lacks,
    brief(event.fault ?? repeat?.because),
  ];
}

function callRows(scene: LaneScene, clock: Clock): LaneCall[] {
  return scene.session.turns.flatMap((turn) =>
    turn.asks.flatMap((ask) => {
      const row = callRow(scene, clock, turn, ask);
      const endMs = row[6];
      return clock.within(ask.event.t, endMs === null ? undefined : endMs + scene.zeroMs) ? [row] : [];
    }),
  );
}

function toolRows({ session }: LaneScene, { at, atOrNull, within }: Clock): LaneTool[] {
  return session.turns.flatMap(({ number, tools }) =>
    tools.flatMap(({ asked: { event: asked }, told }): LaneTool[] => {
      if (!within(asked.t, told?.event.t)) return [];
      const status = told?.event.status ?? null;
      const aborted = told?.event.aborted ? 1 : 0;
      const { k, c, name, i, t } = asked;
      return [[number, k, c, brief(name), i, at(t), atOrNull(told?.event.t), status, aborted, brief(asked.fault)]];
    }),
  );
}

function effectRows({ session }: LaneScene, { at, within }: Clock): LaneEffect[] {
  return session.turns.flatMap(({ number, effects }) => {
    const applied = new Set<string>();
    return effects.flatMap(({ event: { k, c, t, kind, result } }): LaneEffect[] => {
      const call = `${k} ${c}`;
      const again = result === "applied" && applied.has(call);
      if (result === "applied") applied.add(call);
      return within(t, t) ? [[number, k, c, at(t), kind, again ? "twice" : result]] : [];
    });
  });
}

function localRows({ session }: LaneScene, { at, within }: Clock): LaneLocal[] {
  const rows = session.turns.flatMap(({ number, locals, crashes }) => [
    ...locals.map(({ event: { k, t, tool, ok } }): LaneLocal => [number, k, t, brief(tool), ok ? "right" : "wrong"]),
    ...crashes.map(({ event: { k, t, die } }): LaneLocal => [number, k, t, "crash", die === false ? "refused" : die]),
  ]);
  return rows
    .filter(([, , t]) => within(t, t))
    .sort((a, b) => a[2] - b[2])
    .map(([turn, step, t, tool, result]) => [turn, step, at(t), tool, result]);
}

function timerRows({ plan, index, session }: LaneScene, { at, atOrNull, within }: Clock): LaneTimer[] {
  return timersOf(plan, index).flatMap(({ turn, purchase, startMs, sleepMs, firings }): LaneTimer[] => {
    const firedMs = firings[0]?.event.t;
    if (turn.session !== session.id || !within(startMs, firedMs)) return [];
    return [[turn.number, purchase.step, at(startMs), at(startMs + sleepMs), atOrNull(firedMs)]];
  });
}

function holdRows({ index, session }: LaneScene, { at, atOrNull, within }: Clock): LaneHold[] {
  return session.turns.flatMap((turn) => [
    ...turn.holds.flatMap(({ held, released }): LaneHold[] =>
      within(held.event.t, released?.event.t)
        ? [[turn.number, held.event.at, at(held.event.t), atOrNull(released?.event.t)]]
        : [],
    ),
    ...keptAtProxy(index, turn).flatMap(({ fromMs, toMs }): LaneHold[] =>
      within(fromMs, toMs) ? [[turn.number, "the proxy", at(fromMs), at(toMs)]] : [],
    ),
  ]);
}

function readRows({ session }: LaneScene, { at, within }: Clock): LaneRead[] {
  return session.reads.flatMap((read): LaneRead[] => {
    const { began, t, status } = read.event;
    if (!within(began, t)) return [];
    const turns = shownBy(read);
    const shown = new Set(turns?.map(([turn]) => turn));
    const due = session.turns.filter(({ told }) => told !== null && told.event.t <= began);
    const lacks = turns === null ? 0 : due.filter(({ number }) => !shown.has(String(number))).length;
    return [[at(began), at(t), status, turns?.length ?? null, lacks]];
  });
}

const lengthOf = (fromMs: number, toMs: number | null): number => (toMs ?? Number.POSITIVE_INFINITY) - fromMs;

/** Everything of the scene's session that touches its window. */
export function tracksOf(scene: LaneScene): LaneTracks {
  const clock = clockOf(scene);
  let leftOut = 0;
  const kept = <Row>(rows: readonly Row[], weight: (row: Row) => number): readonly Row[] => {
    const shown = heaviest(rows, ROWS_MOST, weight);
    leftOut += rows.length - shown.length;
    return shown;
  };
  const BOUGHT = { first: 1, unsold: 0, provoked: 2, unavoidable: 3, avoidable: 4 } as const;
  const tracks = {
    turns: kept(turnRows(scene, clock), ([, due, , end]) => lengthOf(due, end)),
    // Refusals come by the dozen while nobody listens, and are short.
    attempts: kept(attemptRows(scene, clock), ([, , , from, end]) => lengthOf(from, end)),
    calls: kept(callRows(scene, clock), (row) => BOUGHT[row[9]] * 1e9 + Math.min(1e8, lengthOf(row[4], row[6]))),
    tools: kept(toolRows(scene, clock), ([, , , , , ask, told]) => lengthOf(ask, told)),
    effects: kept(effectRows(scene, clock), ([, , , , , result]) => (result === "applied" ? 0 : 1)),
    locals: kept(localRows(scene, clock), ([, , , , result]) => (result === "right" ? 0 : 1)),
    timers: kept(timerRows(scene, clock), ([, , from, , fired]) => lengthOf(from, fired)),
    holds: kept(holdRows(scene, clock), ([, , from, to]) => lengthOf(from, to)),
    reads: kept(readRows(scene, clock), ([, , , , lacks]) => lacks),
  };
  return { ...tracks, leftOut };
}
