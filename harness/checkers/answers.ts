/** Answers: every output of a turn that a client saw, by a 200 or by a read, and what the World had sold for it. */
import type { SessionRecord, TurnRecord } from "./history-index.ts";

/** One output as seen by the driver. */
export interface Answer {
  /** Line in the driver's history. */
  readonly at: number;
  /** Fingerprint of the output, or "!code" of a turn that failed for good. */
  readonly output: string;
  readonly how: "answer" | "read";
}

/** Several checkers ask for the same. */
const known = new WeakMap<SessionRecord, ReadonlyMap<number, readonly Answer[]>>();

/** All answers of each turn of a session, by turn number; numbers that the runtime made up are included. */
export function answersOf(session: SessionRecord): ReadonlyMap<number, readonly Answer[]> {
  let answers = known.get(session);
  if (answers === undefined) {
    answers = collected(session);
    known.set(session, answers);
  }
  return answers;
}

function collected(session: SessionRecord): Map<number, Answer[]> {
  const answers = new Map<number, Answer[]>();
  const add = (turn: number, answer: Answer): void => {
    const known = answers.get(turn);
    if (known === undefined) answers.set(turn, [answer]);
    else known.push(answer);
  };
  for (const turn of session.turns)
    for (const attempts of [turn.attempts, turn.others])
      for (const { ended } of attempts) {
        if (ended?.event.e === "ok") add(turn.number, { at: ended.at, output: ended.event.h, how: "answer" });
        if (ended?.event.e === "failed")
          add(turn.number, { at: ended.at, output: `!${ended.event.code}`, how: "answer" });
      }
  for (const read of session.reads)
    for (const [turn, , output] of read.event.turns ?? []) add(Number(turn), { at: read.at, output, how: "read" });
  return answers;
}

/** Whether an answer is an output and not the code of a failure. */
export const isOutput = ({ output }: Answer): boolean => !output.startsWith("!");

/** Fingerprints of the final answers that the World wrote to their end for this turn. */
export function soldAnswers(turn: TurnRecord): string[] {
  const sold: string[] = [];
  for (const { said } of turn.purchases)
    if (said?.event.end === "done" && said.event.h !== undefined) sold.push(said.event.h);
  return sold;
}
