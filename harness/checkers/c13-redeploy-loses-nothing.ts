/**
 * C13: a redeploy loses nothing. Around each redeploy that landed: every turn acknowledged before it was over is kept (as C1 sees it);
 * the first request of each session to the model after it shows the whole conversation; and every turn that was pending while it
 * lasted is answered in the end. A turn that ends as failed then is lost work, unless its own script has a fault; such turns
 * are counted by code. How many model requests either version made for pending turns is said.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { gapsIn } from "./context.ts";
import { count, Findings } from "./findings.ts";
import type { FaultRecord, HistoryIndex, SessionRecord, TurnRecord } from "./history-index.ts";
import { keptTurns } from "./kept-turns.ts";
import { scriptOf } from "./logical-calls.ts";
import { turnsTouchedBy } from "./touched.ts";

const KIND = "redeploy";

interface Judging extends CheckInput {
  readonly findings: Findings;
  /** Turns that ended as failed, by code. */
  readonly failed: Map<string, number>;
}

function judgeKept(session: SessionRecord, overMs: number, { index, promises, findings }: Judging): void {
  const before = session.turns.filter(({ told }) => told !== null && told.event.t <= overMs);
  if (before.length === 0) return;
  const kept = keptTurns(index, session, promises.readable === true);
  if (typeof kept === "string") {
    findings.undecided(kept);
    return;
  }
  findings.exposures += kept.due.filter((turn) => before.includes(turn)).length;
  for (const { turn, evidence } of kept.lost) if (before.includes(turn)) findings.violated(evidence);
}

/** The first request of the session that begins a turn and was read after the redeploy. */
function judgeContext(session: SessionRecord, overMs: number, { findings }: Judging): void {
  for (const turn of session.turns) {
    const ask = turn.asks.find(({ event }) => event.k === 1 && event.t > overMs);
    if (ask === undefined) continue;
    findings.exposures += 1;
    const { lost } = gapsIn(session, turn, ask);
    if (lost.length === 0) return;
    const says = `The first model request of ${session.id} after the redeploy, for turn ${turn.number}, lacks acknowledged turns ${lost.join(", ")}.`;
    findings.violated({ witness: "world", index: ask.at, session: session.id, turn: turn.number, says });
    return;
  }
}

function judgePending(turn: TurnRecord, { history, findings, failed }: Judging): void {
  const lastHeard = turn.attempts.at(-1)?.invoked.at;
  if (lastHeard === undefined) return;
  const faulty = scriptOf(history.plan, turn)?.steps.some(
    ({ fault, calls }) => fault !== undefined || calls.some((call) => call.fault !== undefined),
  );
  findings.exposures += 1;
  if (turn.outcome === "ok" || (turn.outcome === "failed" && faulty === true)) return;
  const of = {
    witness: "driver",
    index: turn.ended?.at ?? lastHeard,
    session: turn.session,
    turn: turn.number,
  } as const;
  const ended = turn.ended?.event;
  if (ended?.e === "failed") failed.set(ended.code, (failed.get(ended.code) ?? 0) + 1);
  const what = ended?.e === "failed" ? `ended as failed (${ended.code})` : "was never answered";
  findings.violated({ ...of, says: `Turn ${turn.number} of ${turn.session}, pending at the redeploy, ${what}.` });
}

/** Model requests for the turns that were pending: of the starts that ran before, and of those made since. */
function shares(index: HistoryIndex, fault: FaultRecord): string {
  const firedMs = fault.firedMs ?? 0;
  const older = new Set(index.incarnations.flatMap(({ i, startMs }) => (startMs < firedMs ? i : [])));
  const requests = turnsTouchedBy(index, fault)
    .flatMap(({ asks }) => asks)
    .filter(({ event }) => event.t >= firedMs);
  const before = requests.filter(({ event }) => older.has(event.i)).length;
  return `for the turns then pending the version before made ${count(before, "more model request")}, the one after it ${requests.length - before}`;
}

export const redeployLosesNothing: Checker = {
  id: "C13",
  claim: "A redeploy loses nothing.",
  check(input: CheckInput) {
    const { index } = input;
    const findings = new Findings();
    const failed = new Map<string, number>();
    const judging = { ...input, findings, failed };
    const redeploys = index.faults.filter(({ kind, landed }) => kind === KIND && landed !== null);
    for (const fault of redeploys) {
      const overMs = fault.readyMs ?? index.endMs;
      for (const session of index.sessions) {
        judgeKept(session, overMs, judging);
        judgeContext(session, overMs, judging);
      }
      for (const turn of turnsTouchedBy(index, fault)) judgePending(turn, judging);
    }
    const said = redeploys.map((fault) => `${fault.id}: ${shares(index, fault)}`).join("; ");
    const codes = [...failed].map(([code, times]) => `${times} failed with ${code}`).join(", ");
    return findings.conclude({
      kept: `All ${count(findings.exposures, "turn")} and conversations came through ${count(redeploys.length, "redeploy")} (${said}).`,
      broken: `${findings.violations} of ${count(findings.exposures, "turn")} and conversations did not come through ${count(redeploys.length, "redeploy")} (${[codes, said].filter((part) => part !== "").join("; ")}).`,
      nothing: "There was no redeploy.",
    });
  },
};
