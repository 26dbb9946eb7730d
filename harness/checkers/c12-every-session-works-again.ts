/**
 * C12: at the end every session that ever had a turn answers another one, the proof turn. A session is stuck when its proof
 * turn was asked for long enough and not answered, or when it could not be asked because an earlier turn never ended.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { HistoryIndex, SessionRecord, TurnRecord } from "./history-index.ts";
import { spanOf } from "./trial-facts.ts";

/** A turn that waited less than this when the trial ended was not reached; it shows nothing. */
const PATIENCE_MS = 5_000;

/** The turn on which a session is stuck and why, "not reached", or null when it works. */
function stuckOn(
  session: SessionRecord,
  proofMs: number,
  endMs: number,
): { turn: TurnRecord; says: string } | null | "not reached" {
  const proof = session.turns.findLast(({ enabled }) => enabled?.event.kind === "proof");
  const turn = proof ?? session.turns.findLast(({ outcome }) => outcome !== "unasked");
  if (turn === undefined) return "not reached";
  if (turn.ended !== null) {
    if (proof === undefined) return "not reached";
    if (turn.outcome === "ok") return null;
    return { turn, says: `The proof turn of ${session.id} failed for good.` };
  }
  // Only what was asked for in the proof phase counts: a client that never asks again leaves its turn open until then.
  const open = turn.attempts.find(({ ended }) => (ended?.event.t ?? endMs) >= proofMs)?.invoked.event.t;
  const askedMs = open === undefined ? endMs : Math.max(open, proofMs);
  if ((turn.censored?.event.t ?? endMs) - askedMs < PATIENCE_MS) return "not reached";
  const what = proof === undefined ? `turn ${turn.number}` : "the proof turn";
  const lastAct = Math.max(...turn.asks.map(({ event }) => event.t), ...turn.tools.map(({ asked }) => asked.event.t));
  const act = Number.isFinite(lastAct)
    ? `the runtime last acted on it at ${lastAct} ms`
    : "the runtime never acted on it";
  return { turn, says: `${session.id} is stuck: ${what} was never answered; ${act}.` };
}

function judge(index: HistoryIndex, findings: Findings): void {
  const proofMs = spanOf(index.phases, "proof")?.fromMs ?? Number.POSITIVE_INFINITY;
  for (const session of index.sessions) {
    if (session.turns.every(({ outcome }) => outcome === "unasked")) continue;
    findings.exposures += 1;
    const stuck = stuckOn(session, proofMs, index.endMs);
    if (stuck === "not reached") findings.undecided("a session was not reached by a proof turn");
    else if (stuck !== null)
      findings.violated({
        witness: "driver",
        index: (stuck.turn.attempts.at(-1)?.ended ?? stuck.turn.attempts.at(-1)?.invoked)?.at ?? 0,
        session: session.id,
        turn: stuck.turn.number,
        says: stuck.says,
      });
  }
}

export const everySessionWorksAgain: Checker = {
  id: "C12",
  claim: "Every session works again in the end.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    judge(index, findings);
    return findings.conclude({
      kept: `All ${count(findings.exposures, "session")} answered their proof turn.`,
      broken: `${findings.violations} of ${count(findings.exposures, "session")} are stuck.`,
      nothing: "No session had a turn.",
    });
  },
};
