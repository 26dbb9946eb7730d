import { expect, it } from "vitest";
import type { LiveEvent } from "../../harness/live.ts";
import { Replay } from "./replay.ts";
import { begin, campaign, secondAt } from "./testing/scripted-campaign.ts";

const kept = (...events: readonly LiveEvent[]): LiveEvent[] => {
  const replay = new Replay();
  for (const event of events) replay.keep(event);
  return replay.events();
};
const end = (trial: string): LiveEvent => ({ e: "end", trial, status: "recorded", reason: null });
const phase = { e: "phase", atS: 0, phase: "warmup" } as const;

it("who comes late is told the campaign, the running trial from its begin, and how the earlier ones ended", () => {
  const told = kept(campaign, begin("1"), phase, secondAt(0), end("1"), begin("2"), phase, secondAt(0), secondAt(1));
  expect(told).toEqual([campaign, begin("2"), phase, secondAt(0), secondAt(1), end("1")]);
});

it("a trial stays until the next one begins", () => {
  const told = kept(campaign, begin("1"), secondAt(0), end("1"), { e: "note", says: "Calibrating." });
  expect(told).toEqual([campaign, begin("1"), secondAt(0), end("1"), { e: "note", says: "Calibrating." }]);
});

it("only the newest plan counts, since blocks may have been added", () => {
  const longer = { ...campaign, id: "longer" };
  expect(kept(campaign, longer)).toEqual([longer]);
});

it("memory is bounded: of a trial without end the oldest seconds are forgotten", () => {
  const told = kept(begin("1"), ...Array.from({ length: 5000 }, (_, second) => secondAt(second)));
  expect(told).toHaveLength(1801);
  expect(told[1]).toEqual(secondAt(3200));
  const crashes = Array.from({ length: 3000 }, (_, atS): LiveEvent => ({ ...phase, atS }));
  expect(kept(begin("1"), ...crashes)).toHaveLength(1001);
});
