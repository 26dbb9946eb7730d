/**
 * Lanes of a trial: which sessions are seen closely, and why.
 *
 * Promises: the worst session of a trial has a lane, chosen by a fixed order (`lane-damage.ts`), and so have the first sessions of its
 * broken claims, as far as there is room; every failure is named. Every capsule holds the lane of its session.
 */
import { sessionsIn } from "../capsule/named-sessions.ts";
import type { Verdict } from "../checkers/checker.ts";
import type { HistoryIndex, SessionRecord } from "../checkers/history-index.ts";
import { interruptionsOf } from "../checkers/repeats.ts";
import type { History } from "../history.ts";
import type { TrialPlan } from "../trial.ts";
import { causeSpansOf } from "./cause-spans.ts";
import { exitsOf, type Lane, type LaneSetting, laneOf } from "./lane.ts";
import { againIn, type Focus, type Harmed, harmOf, lossOf, worstOf } from "./lane-damage.ts";
import { bySession } from "./recovery.ts";
import type { RecordedTrial } from "./trial-summary.ts";
import { sessionFigures, type TurnFigures } from "./turn-figures.ts";

/** Lanes of one trial in its summary at most. */
export const LANES_MOST = 5;

export interface TrialLanes {
  readonly shown: readonly Lane[];
  /** Every failure that has a capsule, in the order of its claims. */
  readonly capsules: readonly { readonly checker: string; readonly session: string | null }[];
}

/** Makes lanes of one trial. */
export interface LaneMaker {
  /** The lane of the worst session; null where nobody was asked anything. */
  readonly worst: () => Lane | null;
  /** The lane of a session that the evidence of a broken claim names; null for one that is not in the history. */
  readonly ofVerdict: (verdict: Verdict, session: string) => Lane | null;
}

/** Where the damage that a verdict names shows in a session; the gravest of it where the evidence names no turn. */
function focusOf(history: History<TrialPlan>, { session, gone, focus }: Harmed, { evidence }: Verdict): Focus {
  const first = evidence.find((one) => one.session === session.id);
  const turn = session.turn.get(first?.turn ?? 0);
  const shownMs = first === undefined ? undefined : history[first.witness][first.index]?.t;
  if (turn === undefined || shownMs === undefined) return focus;
  // What is found in a turn before it was acknowledged is nothing that went missing later.
  const isLoss = gone.has(turn.number) && (turn.told?.event.t ?? Number.POSITIVE_INFINITY) < shownMs;
  return isLoss ? lossOf(turn, gone.get(turn.number) ?? shownMs) : againIn(turn, shownMs);
}

/** @param figuresOf the turns of a session, where somebody has their figures already */
export function laneMaker(
  { plan, history, contestant }: RecordedTrial,
  index: HistoryIndex,
  figuresOf: (session: SessionRecord) => readonly TurnFigures[] = (session) => sessionFigures(plan, index, session),
): LaneMaker {
  const interruptions = interruptionsOf(index);
  const causes = causeSpansOf(history.trial, index.endMs);
  const setting: LaneSetting = { plan, index, interruptions, exits: exitsOf(history.trial), causes };
  const scales = { index, readable: contestant.promises.readable === true, interruptions };
  const weighed = (session: SessionRecord): Harmed => harmOf(scales, session, figuresOf(session));
  return {
    worst: () => {
      const asked = index.sessions.filter((session) => session.turns.some(({ attempts }) => attempts.length > 0));
      const worst = worstOf(asked.map(weighed));
      return worst === null ? null : laneOf(setting, worst, worst.focus, { worst: true, checkers: [] });
    },
    ofVerdict: (verdict, id) => {
      const session = index.session.get(id);
      if (session === undefined) return null;
      const harmed = weighed(session);
      const chosen = { worst: false, checkers: [verdict.checker] };
      return laneOf(setting, harmed, focusOf(history, harmed, verdict), chosen);
    },
  };
}

/** The lanes of a trial that its summary holds: its worst session, then the first sessions of its broken claims by turns. */
export function lanesOf(trial: RecordedTrial, index: HistoryIndex, figures: readonly TurnFigures[]): TrialLanes {
  const turns = bySession(figures);
  const maker = laneMaker(trial, index, ({ id }) => turns.get(id) ?? []);
  const broken = trial.verdicts.filter(({ result }) => result === false);
  const named = broken.map((verdict) => ({ verdict, sessions: sessionsIn(verdict.evidence) }));
  const capsules = named.flatMap(({ verdict, sessions }) =>
    sessions.map((session) => ({ checker: verdict.checker, session })),
  );
  const checkersOf = (session: string): string[] =>
    capsules.flatMap((capsule) => (capsule.session === session ? [capsule.checker] : []));
  const worst = maker.worst();
  const shown = worst === null ? [] : [{ ...worst, checkers: checkersOf(worst.session) }];
  const longest = Math.max(0, ...named.map(({ sessions }) => sessions.length));
  for (let place = 0; place < longest; place++)
    for (const { verdict, sessions } of named) {
      const session = sessions[place] ?? null;
      if (shown.length >= LANES_MOST || session === null || shown.some((lane) => lane.session === session)) continue;
      const lane = maker.ofVerdict(verdict, session);
      if (lane !== null) shown.push({ ...lane, checkers: checkersOf(session) });
    }
  return { shown, capsules };
}
