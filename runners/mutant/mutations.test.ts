/** The mutations one by one, on exchanges without a network. */
import { describe, expect, test } from "vitest";
import { type Exchange, MUTATIONS, type Reply } from "./mutations.ts";
import runner from "./runner.json" with { type: "json" };

const OK: Reply = { status: 200, body: '{"output":"fine"}' };
const HIT = 0.1;
const SPARED = 0.9;

/** An exchange that forwards at once, and what was done with it. */
function exchangeOf(changes: Partial<Exchange> = {}, reply = OK) {
  const seen = { forwarded: 0, dropped: false };
  const exchange: Exchange = {
    path: "PUT /sessions/s/turns/1",
    chance: HIT,
    times: 0,
    async forward() {
      seen.forwarded += 1;
      return reply;
    },
    async drop() {
      seen.dropped = true;
      return reply;
    },
    ...changes,
  };
  return { seen, exchange };
}

const mutate = (name: string, exchange: Exchange): Promise<Reply> | undefined => {
  const { put, get } = MUTATIONS[name] ?? {};
  return put?.(exchange) ?? get?.(exchange);
};
const shown = (...turns: string[]): Reply => ({
  status: 200,
  body: JSON.stringify({ turns: turns.map((turn) => ({ turn })) }),
});
const turnsIn = (reply: Reply | undefined): string[] =>
  (JSON.parse(reply?.body ?? "{}") as { turns: { turn: string }[] }).turns.map(({ turn }) => turn);

test("each mutation is a variant of its own name, and changes turns or reads", () => {
  const variants = Object.fromEntries(Object.keys(MUTATIONS).map((name) => [name, { env: { MUTATION: name } }]));
  expect(runner.variants).toEqual(variants);
  expect(Object.values(MUTATIONS).filter(({ put, get }) => put === undefined && get === undefined)).toEqual([]);
});

describe("what a network may do", () => {
  test("an answer is dropped once, when all has been done, and given when it is asked for again", async () => {
    const first = exchangeOf();
    await mutate("drops-answers", first.exchange);
    expect(first.seen).toEqual({ forwarded: 1, dropped: true });
    const second = exchangeOf({ times: 1 });
    expect(await mutate("drops-answers", second.exchange)).toEqual(OK);
  });

  test("a dropped request is refused and never sent on", async () => {
    const { exchange, seen } = exchangeOf();
    expect(await mutate("drops-requests", exchange)).toMatchObject({ status: 503, retryAfter: "1" });
    expect(seen.forwarded).toBe(0);
  });

  test("a repeated request is sent on twice and answered once", async () => {
    const { exchange, seen } = exchangeOf({ chance: SPARED });
    expect(await mutate("repeats-requests", exchange)).toEqual(OK);
    expect(seen.forwarded).toBe(2);
  });
});

describe("what it may not", () => {
  test("a turn is acknowledged and dropped", async () => {
    const { exchange, seen } = exchangeOf();
    expect(await mutate("drops-acknowledged-turns", exchange)).toMatchObject({ status: 200 });
    expect(seen.forwarded).toBe(0);
  });

  test("an answer is given twice", async () => {
    const other: Reply = { status: 200, body: '{"output":"other"}' };
    expect(await mutate("repeats-answers", exchangeOf({ chance: SPARED }, other).exchange)).toEqual(other);
    expect(await mutate("repeats-answers", exchangeOf().exchange)).toEqual(other);
  });

  test("two answers change places", async () => {
    const other: Reply = { status: 200, body: '{"output":"other"}' };
    const both = [exchangeOf().exchange, exchangeOf({}, other).exchange].map((one) => mutate("swaps-answers", one));
    expect(await Promise.all(both)).toEqual([other, OK]);
  });

  test("reads lose, double, turn round and repeat what they show", async () => {
    const read = (name: string, reply: Reply, times = 0) => mutate(name, exchangeOf({ times }, reply).exchange);
    expect(turnsIn(await read("drops-turns-from-reads", shown("1", "2", "3")))).toEqual(["2", "3"]);
    expect(turnsIn(await read("repeats-turns-in-reads", shown("1", "2")))).toEqual(["1", "2", "2"]);
    expect(turnsIn(await read("reorders-turns-in-reads", shown("1", "2")))).toEqual(["2", "1"]);
    await read("stale-reads", shown("1"));
    expect(turnsIn(await read("stale-reads", shown("1", "2"), 1))).toEqual(["1"]);
  });
});
