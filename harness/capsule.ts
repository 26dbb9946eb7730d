/**
 * Capsule: everything that is needed to look at one failure again, in one file: which claim was broken and by what evidence, the
 * seed, scenario and settings, the faults and the proofs of their landing, the versions, every event of the session in question,
 * and the command that repeats the trial.
 *
 * Promises: made of a recording alone, so the same recording gives the same bytes; nothing of the machine's paths is in it.
 */
import { sessionsIn } from "./capsule/named-sessions.ts";
import type { Verdict } from "./checkers/checker.ts";
import { buildIndex, type FaultRecord } from "./checkers/history-index.ts";
import type { DriverEvent, TrialEvent, WorldEvent } from "./history.ts";
import type { Lane } from "./summarize/lane.ts";
import { laneMaker } from "./summarize/lanes.ts";
import type { RecordedTrial } from "./summarize/trial-summary.ts";
import type { ContestantSummary, Environment } from "./summary.ts";
import type { CampaignPlan, PlannedFault, PlannedSession, TrialOutcome, TrialPlan } from "./trial.ts";

/** Trial events that are measured once or more a second: figures of the whole trial, and no part of a session's story. */
const MEASURED: ReadonlySet<TrialEvent["e"]> = new Set([
  "sample",
  "machine",
  "stray",
  "gc",
  "stall",
  "heap",
  "watched",
  "silence",
] as const);

/** One event with its witness and its line (from 0) in that witness's file. */
export type CapsuleEvent =
  | { readonly w: "driver"; readonly at: number; readonly event: DriverEvent }
  | { readonly w: "world"; readonly at: number; readonly event: WorldEvent }
  | { readonly w: "trial"; readonly at: number; readonly event: TrialEvent };

/** A fault as planned and as it went. Instants are trial time; null is what never came. */
export interface CapsuleFault {
  readonly id: string;
  readonly kind: string;
  readonly plan: PlannedFault | null;
  readonly firedMs: number | null;
  readonly landedMs: number | null;
  readonly proof: string | null;
  readonly missed: string | null;
  readonly curedMs: number | null;
  readonly readyMs: number | null;
}

export interface Capsule {
  readonly format: "agent-derby-capsule/1";
  readonly trial: string;
  readonly status: TrialOutcome["status"];
  readonly checker: string;
  /** Null when the evidence names no session; then the events are the trial's own. */
  readonly session: string | null;
  /** Repeats the trial alone. */
  readonly replay: string;
  /** Tells the story, from the campaign's folder. */
  readonly explain: string;
  readonly verdict: Verdict;
  readonly runner: ContestantSummary;
  readonly campaign: Pick<CampaignPlan, "id" | "seed" | "profile">;
  readonly settings: Pick<TrialPlan, "seed" | "scenario" | "block" | "memoryMb" | "phases" | "proofsPerSecond"> & {
    readonly session: PlannedSession | null;
  };
  readonly scenario: TrialPlan["definition"];
  readonly versions: Environment & { readonly database: Readonly<Record<string, string>> };
  readonly faults: readonly CapsuleFault[];
  /** The session on one time axis; null where there is none. Absent from capsules of older versions. */
  readonly lane?: Lane | null;
  /** In the order of their stamps; of the same stamp driver, World, trial. */
  readonly events: readonly CapsuleEvent[];
}

/** What is the same for all trials of a campaign. */
export interface CapsuleSurroundings {
  readonly campaign: CampaignPlan;
  readonly environment: Environment;
  /** The command that repeats a trial alone. */
  readonly commandOf: (plan: TrialPlan) => string;
}

function faultOf({ id, kind, plan, firedMs, landed, missed, curedMs, readyMs }: FaultRecord): CapsuleFault {
  return {
    id,
    kind,
    plan,
    firedMs,
    landedMs: landed?.event.t ?? null,
    proof: landed?.event.proof ?? null,
    missed: missed?.event.why ?? null,
    curedMs,
    readyMs,
  };
}

/** Events of these sessions, by session, each in the order of its witness; one pass over the recording. */
function eventsOf({ history }: RecordedTrial, sessions: ReadonlySet<string>): Map<string, CapsuleEvent[]> {
  const events = new Map([...sessions].map((session) => [session, [] as CapsuleEvent[]]));
  history.driver.forEach((event, at) => {
    events.get(event.s)?.push({ w: "driver", at, event });
  });
  history.world.forEach((event, at) => {
    if ("s" in event && event.s !== undefined) events.get(event.s)?.push({ w: "world", at, event });
  });
  return events;
}

/** Merges by stamp; the order of witnesses and lines is kept among equals. */
const merged = (events: readonly CapsuleEvent[]): CapsuleEvent[] =>
  [...events].sort((one, other) => one.event.t - other.event.t);

/** The capsules of a trial by file name: one for each session that the evidence of a broken claim names, at most five a claim. */
export function capsulesOf(trial: RecordedTrial, around: CapsuleSurroundings): ReadonlyMap<string, Capsule> {
  const { plan, outcome, history, verdicts, contestant } = trial;
  const broken = verdicts.filter(({ result }) => result === false);
  const capsules = new Map<string, Capsule>();
  if (broken.length === 0) return capsules;
  const sessions = new Set(broken.flatMap(({ evidence }) => sessionsIn(evidence)).filter((id) => id !== null));
  const bySession = eventsOf(trial, sessions);
  const own = history.trial.flatMap((event, at): CapsuleEvent[] =>
    MEASURED.has(event.e) ? [] : [{ w: "trial", at, event }],
  );
  const index = buildIndex(history);
  const lanes = laneMaker(trial, index);
  const { seed, scenario, block, memoryMb, phases, proofsPerSecond } = plan;
  const { campaign, environment, commandOf } = around;
  for (const verdict of broken)
    for (const session of sessionsIn(verdict.evidence)) {
      const name = `${session === null ? verdict.checker : `${verdict.checker}-${session}`}.json`;
      const planned = plan.sessions.find(({ id }) => id === session) ?? null;
      capsules.set(name, {
        format: "agent-derby-capsule/1",
        trial: plan.id,
        status: outcome.status,
        checker: verdict.checker,
        session,
        replay: commandOf(plan),
        explain: `npx agent-derby explain trials/${plan.id}/capsules/${name}`,
        verdict,
        runner: contestant,
        campaign: { id: campaign.id, seed: campaign.seed, profile: campaign.profile },
        settings: { seed, scenario, block, memoryMb, phases, proofsPerSecond, session: planned },
        scenario: plan.definition,
        versions: { ...environment, database: outcome.postgres ?? {} },
        faults: index.faults.map(faultOf),
        lane: session === null ? null : lanes.ofVerdict(verdict, session),
        events: merged([...(session === null ? [] : (bySession.get(session) ?? [])), ...own]),
      });
    }
  return capsules;
}

/** The text of a capsule's file: one line for each event, and one for the lane. */
export function renderCapsule({ events, lane, ...head }: Capsule): string {
  const lines = events.map((event) => `  ${JSON.stringify(event)}`).join(",\n");
  const drawn = lane === undefined ? "" : ` "lane": ${JSON.stringify(lane)},\n`;
  return `${JSON.stringify(head, null, 1).replace(/\n\}$/, "")},\n${drawn} "events": [\n${lines}\n ]\n}\n`;
}
