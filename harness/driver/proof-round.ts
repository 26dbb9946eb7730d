/**
 * Proof round: after the quiet phase every session that ever had a turn shows that it works again and what is left of it.
 *
 * Promises: sessions come in seeded order at a fixed rate, so that the round is no burst; `done` is called once, when all
 * have finished or when the bound has passed.
 */
import { randomOf, shuffled } from "../random.ts";
import type { Session } from "./session.ts";
import type { Surroundings } from "./turn.ts";

/** What the round may take beyond its own pace: waiting for a pending turn, or for a proof turn and its read. */
export const PROOF_SLACK_MS = 20_000;

/** How far the round is. */
export interface ProofCount {
  proved: number;
  toProve: number;
}

/**
 * Starts the round. Interrupted turns of clients that never ask again are asked for first, at the same rate: they are the
 * ones that may need longest.
 * @param sessions those that ever had a turn.
 */
export function startProofRound(
  around: Pick<Surroundings, "now" | "seed" | "at">,
  sessions: readonly Session[],
  proofsPerSecond: number,
  count: ProofCount,
  done: () => void,
): void {
  const startMs = around.now();
  const gapMs = 1000 / proofsPerSecond;
  const order = shuffled(sessions, randomOf(around.seed, "proofs"));
  count.toProve = order.length;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    bound.cancel();
    done();
  };
  const bound = around.at(startMs + order.length * gapMs + PROOF_SLACK_MS, finish);
  order
    .filter((session) => session.isSilent)
    .forEach((session, index) => {
      around.at(startMs + index * gapMs, () => session.wake());
    });
  order.forEach((session, index) => {
    around.at(startMs + index * gapMs, () => {
      session.prove(() => {
        count.proved += 1;
        if (count.proved === count.toProve) finish();
      });
    });
  });
  if (order.length === 0) finish();
}
