import { expect, test } from "vitest";
import { cleanKill, type HistoryBuilder } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import type { StreamSeen } from "../history.ts";
import { trialOf } from "./recording-builder.ts";
import { earlinessOf, streamedTurn, streamingOf } from "./streaming.ts";
import { turnFigures } from "./turn-figures.ts";

const SEEN: StreamSeen = { tokens: 22, gapMs: 25, early: 0.9, text: "whole" };

/** The clean kill with clients that read along; first texts at these instants, by session, turn and attempt. */
function streamed(firsts: readonly (readonly [s: string, n: number, a: number, t: number])[]): HistoryBuilder {
  const builder = cleanKill();
  builder.editDriver((event) => {
    if (event.e === "invoke") return { ...event, stream: true };
    return event.e === "ok" ? { ...event, stream: SEEN } : event;
  });
  for (const [s, n, a, t] of firsts) builder.driver.push({ e: "first", t, s, n, a, k: 1 });
  return builder;
}

const turnOf = (builder: HistoryBuilder, s: string, n: number) => {
  const figures = turnFigures(builder.plan, buildIndex(builder.history()));
  const one = figures.find(({ turn }) => turn.session === s && turn.number === n);
  return one === undefined ? undefined : streamedTurn(builder.plan, one);
};

test("time to first token, what of it is beyond the script, and the way through the runtime are exact", () => {
  // Enabled at 1,000, asked at 1,010, first token written at 1,110: scripted are 100 ms.
  expect(turnOf(streamed([["a", 1, 1, 1_117]]), "a", 1)).toEqual({
    ttftMs: 117,
    censored: false,
    overheadMs: 17,
    relayMs: 7,
    gapMs: 25,
  });
});

test("the first text of a broken attempt was seen, and belongs to the token of its own purchase", () => {
  const builder = streamed([
    ["a", 2, 1, 4_915],
    ["a", 2, 3, 5_415],
  ]);
  expect(turnOf(builder, "a", 2)).toMatchObject({ ttftMs: 115, overheadMs: 15, relayMs: 5 });
  expect(turnOf(streamed([["a", 2, 3, 5_415]]), "a", 2)).toMatchObject({ ttftMs: 615, overheadMs: 515, relayMs: 5 });
});

test("an answer without any text before it was first seen at its end; none at all is censored", () => {
  const builder = streamed([]);
  expect(turnOf(builder, "a", 1)).toMatchObject({ ttftMs: 680, overheadMs: 580, relayMs: null, censored: false });
  builder.editDriver((event) => (event.e === "ok" && event.s === "b" && event.n === 2 ? undefined : event));
  builder.driver.push({ e: "censored", t: 15_000, s: "b", n: 2 });
  expect(turnOf(builder, "b", 2)).toMatchObject({ ttftMs: 9_000, censored: true, gapMs: null });
});

test("rows are by cohort and phase, and there are none where nobody reads along", () => {
  const { streaming } = trialOf(
    streamed([
      ["a", 1, 1, 1_117],
      ["b", 1, 1, 2_120],
    ]),
  );
  const calm = streaming.find(({ phase }) => phase === "calm");
  expect(calm).toMatchObject({
    cohort: "chat",
    ttftMs: { n: 2, max: 120 },
    ttftOverheadMs: { n: 2, max: 20 },
    relayMs: { n: 2, max: 10 },
    tokenGapMs: { n: 2, max: 25 },
  });
  expect(trialOf(cleanKill()).streaming).toEqual([]);
  const plain = cleanKill();
  expect(streamingOf(plain.plan, turnFigures(plain.plan, buildIndex(plain.history())), ["chat"])).toEqual([]);
});

test("how early text came is weighed by tokens, over turns answered at their first attempt", () => {
  const builder = streamed([]);
  // a's second turn took three attempts; proofs say 3 tokens, the others 11.
  builder.editDriver((event) => {
    if (event.e !== "ok") return event;
    return { ...event, stream: { ...SEEN, early: event.n === 1 ? 1 : 0 } };
  });
  const turns = buildIndex(builder.history()).sessions.flatMap((session) => session.turns);
  const { turns: count, share } = earlinessOf(builder.plan, turns);
  expect(count).toBe(5);
  expect(share).toBeCloseTo(22 / (3 * 11 + 2 * 3), 10);
});
