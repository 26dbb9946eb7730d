/**
 * C10: nothing comes before its cause. Concluded only where the order is certain: two lines of one witness, or something that was
 * stamped before it was sent and yet later than what was read because of it.
 * - A call is made, and the step after it asked for, only after the completion that demands it had begun to be written.
 * - The step after a call is asked for only after the call was answered, if it was made at all. A call that met a fault, or a
 *   disturbed path, may be given up, and so may one that its caller left or that took longer than the contract waits.
 * - An answer is read only after the World had begun to write it.
 * - A read lists a turn before those that were first asked for after it had been acknowledged.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { firstAsked } from "./context.ts";
import { count, Findings } from "./findings.ts";
import type { Purchase, SessionRecord, ToolRequest, TurnRecord, WorldSeen } from "./history-index.ts";
import { disturbedSpans, overlaps, type Span } from "./path-faults.ts";

/** The contract lets a tool call be given up after 30 s; from somewhat before that nothing is concluded. */
const GIVEN_UP_MS = 29_000;

/** Whether a completion of this step, by its number in calls, had begun to be written. */
function hadBegun(turn: TurnRecord, step: number, number: number, beforeAt: number): boolean {
  return turn.purchases.some(
    (one: Purchase) =>
      one.step === step &&
      one.number === number &&
      // How much of a faulty answer could be read is not for us to say.
      (one.ask.event.fault !== undefined ? one.ask.at < beforeAt : one.first !== null && one.first.at < beforeAt),
  );
}

function judgeCompletions(turn: TurnRecord, findings: Findings): void {
  const isFounded = (at: number, step: number, number: number): boolean => {
    findings.exposures += 1;
    return hadBegun(turn, step, number, at);
  };
  const violated = (at: number, what: string): void => {
    const says = `${what} in turn ${turn.number} of ${turn.session} before the completion it stands on had begun.`;
    findings.violated({ witness: "world", index: at, session: turn.session, turn: turn.number, says });
  };
  for (const { asked } of turn.tools) {
    const { name, k, p } = asked.event;
    if (!isFounded(asked.at, k, p)) violated(asked.at, `${name} was called`);
  }
  for (const { at, event } of turn.crashes)
    if (!isFounded(at, event.k, event.p)) violated(at, "Leave to crash was asked");
  for (const { at, event } of turn.asks)
    if (event.k > 1 && event.of !== undefined && event.cure === undefined && !isRepair(turn, event.k))
      if (!isFounded(at, event.k - 1, event.of)) violated(at, `Step ${event.k} was asked for`);
}

/** Whether requests for a step may stand on a spoiled completion of the same step. */
const isRepair = (turn: TurnRecord, step: number): boolean =>
  turn.asks.some(({ event }) => event.k === step && event.fault !== undefined);

function unanswered(
  requests: readonly ToolRequest[],
  ask: WorldSeen<"ask">,
  disturbed: readonly Span[],
): ToolRequest | null {
  const made = requests.filter(({ asked }) => asked.at < ask.at);
  if (made.some(({ told }) => told !== null && told.at < ask.at)) return null;
  const excused = made.some(
    ({ asked, told }) =>
      asked.event.fault !== undefined ||
      told?.event.aborted === true ||
      ask.event.t - asked.event.t > GIVEN_UP_MS ||
      overlaps(disturbed, asked.event.t, ask.event.t),
  );
  return excused ? null : (made[0] ?? null);
}

function judgeCalls(turn: TurnRecord, disturbed: readonly Span[], findings: Findings): void {
  if (turn.tools.length === 0) return;
  for (const ask of turn.asks) {
    const { k, of } = ask.event;
    if (k < 2 || of === undefined) continue;
    const calls = turn.tools.filter(({ asked: { event } }) => event.k === k - 1 && event.p === of);
    for (const call of new Set(calls.map(({ asked }) => asked.event.c))) {
      findings.exposures += 1;
      const open = unanswered(
        calls.filter(({ asked }) => asked.event.c === call),
        ask,
        disturbed,
      );
      if (open === null) continue;
      const says = `Step ${k} of turn ${turn.number} of ${turn.session} was asked for before ${open.asked.event.name}, called in the step before, had answered.`;
      findings.violated({ witness: "world", index: ask.at, session: turn.session, turn: turn.number, says });
    }
  }
}

function judgeAnswers(turn: TurnRecord, findings: Findings): void {
  for (const attempts of [turn.attempts, turn.others])
    for (const { ended } of attempts) {
      if (ended?.event.e !== "ok") continue;
      const { h, t } = ended.event;
      const sold = turn.purchases.filter(({ said, first }) => said?.event.h === h && first !== null);
      // An answer that was never sold is the matter of C15.
      if (sold.length === 0) continue;
      findings.exposures += 1;
      if (sold.some(({ first }) => first !== null && first.event.t <= t)) continue;
      const says = `Turn ${turn.number} of ${turn.session} was answered at ${t} ms, before the model had begun to say it.`;
      findings.violated({ witness: "driver", index: ended.at, session: turn.session, turn: turn.number, says });
    }
}

function judgeReads(session: SessionRecord, findings: Findings): void {
  for (const { at, event } of session.reads) {
    if (event.turns === undefined || event.turns.length < 2) continue;
    findings.exposures += 1;
    let latest: TurnRecord | null = null;
    for (const number of new Set(event.turns.map(([turn]) => turn))) {
      const turn = session.turn.get(Number(number));
      if (turn === undefined) continue;
      if (latest !== null && turn.told !== null && turn.told.at < firstAsked(latest)) {
        const says = `A read of ${session.id} lists turn ${turn.number} behind turn ${latest.number}, which was asked for after it had been acknowledged.`;
        findings.violated({ witness: "driver", index: at, session: session.id, turn: turn.number, says });
        break;
      }
      const asked = firstAsked(turn);
      if (Number.isFinite(asked) && (latest === null || asked > firstAsked(latest))) latest = turn;
    }
  }
}

export const causalOrder: Checker = {
  id: "C10",
  claim: "Nothing comes before its cause.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    const disturbed = disturbedSpans(index, ["tools"]);
    for (const session of index.sessions) {
      for (const turn of session.turns) {
        judgeCompletions(turn, findings);
        judgeCalls(turn, disturbed, findings);
        judgeAnswers(turn, findings);
      }
      judgeReads(session, findings);
    }
    return findings.conclude({
      kept: `All ${count(findings.exposures, "act")} came after what caused them.`,
      broken: `${findings.violations} of ${count(findings.exposures, "act")} came before what they stand on.`,
      nothing: "Nothing was done that has a cause.",
    });
  },
};
