/**
 * The sessions of a trial, drawn before it starts: a partly open load (Schroeder, Wierman and Harchol-Balter, NSDI 2006).
 * Sessions arrive on a schedule of their own, whatever the runtime does; turns of a session depend on each other.
 *
 * A cohort of N sessions is N chairs. On the ideal schedule, where every turn takes exactly its floor, each chair is always
 * taken: a session that ends is followed by a new one at once. The chairs are already taken at time 0, each somewhere in
 * the middle of a session, and open that conversation with one short turn during warm-up, so that every runtime holds all
 * of them when calm begins.
 */
import { draw, meanOf, type Random, randomOf } from "../random.ts";
import type { Cohort, Phases, Scenario } from "../scenario.ts";
import type { PlannedSession } from "../trial.ts";
import { floorMs, resolveTurn } from "../world/script.ts";

/** Share of the warm-up in which conversations are opened; the rest lets the first ordinary turns settle. */
const OPENING_SHARE = 0.9;
/** The sessions of a step fault arrive within this time, so that they stand at its step at about the same time. */
const STEP_RAMP_MS = 500;

/** A session and when its turns would be answered if every turn took exactly its floor. */
export interface IdealSession {
  readonly session: PlannedSession;
  /** Answer times of the ordinary turns and of the opening one, in milliseconds on the schedule of the load. */
  readonly answersMs: readonly number[];
  /** When the chair becomes free. */
  readonly endMs: number;
}

interface Chair {
  readonly seed: number;
  readonly memoryMb: number;
  readonly cohort: Cohort;
  readonly name: string;
  readonly random: Random;
}

function floorOf(chair: Chair, session: string, turn: number, kind: "ordinary" | "proof"): number {
  const { seed, memoryMb, cohort } = chair;
  return floorMs(resolveTurn({ seed, cohort, memoryMb, session, turn, kind }));
}

/** A whole session that arrives at `arriveMs`; `beginMs` is where the ideal clock of its cohort stands at 0. */
function freshSession(chair: Chair, id: string, arriveMs: number): IdealSession {
  const { cohort, name, random } = chair;
  const thinkMs = Array.from({ length: cohort.turns - 1 }, () => Math.round(draw(cohort.thinkMs, random)));
  const answersMs: number[] = [];
  let clockMs = arriveMs;
  for (let turn = 1; turn <= cohort.turns; turn++) {
    clockMs += floorOf(chair, id, turn, "ordinary");
    answersMs.push(clockMs);
    clockMs += thinkMs[turn - 1] ?? 0;
  }
  return {
    session: { id, cohort: name, arriveMs: Math.round(arriveMs), turns: cohort.turns, thinkMs },
    answersMs,
    endMs: clockMs,
  };
}

/** The session that sits on the chair at time 0: the part of a session begun earlier that is still to come, behind an opening turn. */
function standingSession(chair: Chair, id: string, openMs: number): IdealSession {
  const { cohort, name, random } = chair;
  const whole = freshSession(chair, id, 0);
  const shiftMs = random() * whole.endMs;
  const floors = whole.answersMs.map((answer, index) => {
    const enabled = index === 0 ? 0 : (whole.answersMs[index - 1] ?? 0) + (whole.session.thinkMs[index - 1] ?? 0);
    return { enabled: enabled - shiftMs, answer: answer - shiftMs };
  });
  const openedMs = openMs + floorOf(chair, id, 1, "proof");
  const toCome = floors.filter((turn) => turn.enabled > openedMs);
  const thinkMs: number[] = [];
  let previousMs = openedMs;
  const answersMs = [openedMs];
  for (const turn of toCome) {
    // The floor of a turn depends on its number, which the opening turn has shifted: keep the enabled instants, redo the rest.
    const number = answersMs.length + 1;
    thinkMs.push(Math.max(0, Math.round(turn.enabled - previousMs)));
    previousMs = previousMs + (thinkMs.at(-1) ?? 0) + floorOf(chair, id, number, "ordinary");
    answersMs.push(previousMs);
  }
  const session = {
    id,
    cohort: name,
    arriveMs: Math.round(openMs),
    turns: answersMs.length,
    thinkMs,
    opening: true,
  } as const;
  return { session, answersMs, endMs: previousMs + draw(cohort.thinkMs, random) * random() };
}

/** Fault cohorts arrive spread over one of their cycles, so that they do not march in step, and within half of the phase. */
function faultRampMs(chair: Chair, faultMs: number): number {
  return Math.min(faultMs / 2, floorOf(chair, "ramp", 1, "ordinary") + meanOf(chair.cohort.thinkMs));
}

/** What the chair does from its first session on, and the first session itself. @param spread the chair's place in its cohort, 0 to 1 */
function firstSession(chair: Chair, id: string, spread: number, { warmupMs, faultMs }: Phases): IdealSession {
  const { startsIn } = chair.cohort;
  if (startsIn === "step") return freshSession(chair, id, spread * STEP_RAMP_MS);
  if (startsIn === "fault") return freshSession(chair, id, spread * faultRampMs(chair, faultMs));
  return standingSession(chair, id, spread * warmupMs * OPENING_SHARE);
}

/**
 * All sessions of a scenario up to the horizon.
 * @param horizonMs length of the load after which nobody arrives any more
 * @param prefix begins the name of every session
 */
export function planSessions(
  seed: number,
  scenario: Scenario,
  memoryMb: number,
  horizonMs: number,
  prefix = "s",
): IdealSession[] {
  const all: IdealSession[] = [];
  let serial = 0;
  for (const [name, cohort] of Object.entries(scenario.cohorts)) {
    for (let seat = 0; seat < cohort.sessions; seat++) {
      const chair: Chair = { seed, memoryMb, cohort, name, random: randomOf(seed, "chair", name, seat) };
      const nextId = (): string => `${prefix}${(serial++).toString(36)}`;
      const spread = (seat + chair.random()) / cohort.sessions;
      let current = firstSession(chair, nextId(), spread, scenario.phases);
      all.push(current);
      // Members of a step fault come once: whoever came after them would be hit at no particular step.
      while (cohort.startsIn !== "step" && current.endMs < horizonMs && cohort.sessions * horizonMs > 0) {
        current = freshSession(chair, nextId(), current.endMs);
        all.push(current);
      }
    }
  }
  return all;
}
