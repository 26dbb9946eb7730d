/** Who succeeds whom when an owner stands still, and what a waking owner cannot have known. */
import { expect, test } from "vitest";
import { HistoryBuilder, planFor } from "./history-builder.ts";
import { buildIndex } from "./history-index.ts";
import { supersessionsOf, wakingActs } from "./owners.ts";
import { interruptionsOf, repeatsOf } from "./repeats.ts";

const PROOF = "every thread stood still";

/** Start 1 stands still from 5,000 to 7,000 ms; start 2 comes up at `secondMs`. */
function frozen(secondMs: number): HistoryBuilder {
  const builder = new HistoryBuilder(planFor({ a: "chat" }, { faults: [] }));
  const process = { process: "server", replica: 0 };
  builder.trial.push(
    { e: "start", t: 0, ...process, i: 1, pid: 1 },
    { e: "ready", t: 100, ...process, i: 1 },
    { e: "fault", t: 5_000, id: "f1", kind: "takeover" },
    { e: "start", t: secondMs, process: "server", replica: 1, i: 2, pid: 2 },
    { e: "ready", t: secondMs + 50, process: "server", replica: 1, i: 2 },
    { e: "landed", t: 5_200, id: "f1", proof: PROOF },
    { e: "cured", t: 7_000, id: "f1" },
  );
  return builder.phases({
    warmup: 0,
    calm: 500,
    fault: 4_500,
    heal: 12_000,
    quiet: 13_000,
    proof: 14_000,
    end: 15_000,
  });
}

/** Start 1 has begun a turn when it is stopped, and start 2 goes on with it at `takenMs`. */
function changesHands(builder: HistoryBuilder, takenMs: number): HistoryBuilder {
  builder.enable("a", 1, 4_000).invoke("a", 1, 4_000).sell("a", 1, { step: 1, at: 4_100, links: [], i: 1 });
  return builder.sell("a", 1, { step: 1, p: 2, i: 2, at: takenMs, links: [] });
}

test("a start that comes up while the owner stands still supersedes it", () => {
  const index = buildIndex(changesHands(frozen(5_100), 5_400).history());
  expect(supersessionsOf(index)).toHaveLength(1);
});

test("a start that comes up when the owner is awake again supersedes nobody, however much it takes over", () => {
  const index = buildIndex(changesHands(frozen(8_000), 8_400).history());
  expect(supersessionsOf(index)).toEqual([]);
});

test("what an owner buys at its waking for a turn that was finished meanwhile is no avoidable repeat, what it buys then is", () => {
  const builder = frozen(5_100);
  // The request reached the sockets of start 1 just before it was stopped, and start 2 took the turn from the store.
  builder.enable("a", 1, 4_990).invoke("a", 1, 4_990);
  builder.sell("a", 1, { step: 1, i: 2, at: 5_300, links: [] }).callTools("a", 1, 5_620, 1, 2);
  builder.sell("a", 1, { step: 1, p: 2, i: 1, at: 7_010, links: [] });
  builder.sell("a", 1, { step: 1, p: 3, i: 1, at: 9_000, links: [] });
  const index = buildIndex(builder.history());
  const turn = index.session.get("a")?.turn.get(1);
  if (turn === undefined) throw new Error("the turn is missing");
  const waking = turn.asks.find(({ event }) => event.p === 2);
  expect([...wakingActs(index)]).toEqual([waking?.at]);
  const repeats = repeatsOf(turn, interruptionsOf(index)).map(({ purchase, kind }) => [purchase.number, kind]);
  expect(repeats).toEqual([
    [2, "unavoidable"],
    [3, "avoidable"],
  ]);
});
