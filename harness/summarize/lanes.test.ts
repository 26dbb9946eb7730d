import { describe, expect, test } from "vitest";
import { capsulesOf } from "../capsule.ts";
import { answerOf, cleanKill, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import { cleanSleep, cleanTakeover } from "../checkers/history-scenes.ts";
import type { Promises } from "../runner.ts";
import type { Lane } from "./lane.ts";
import { heaviest } from "./lane-tracks.ts";
import { LANES_MOST, lanesOf, type TrialLanes } from "./lanes.ts";
import { inputsOf, recordingOf, VOWED } from "./recording-builder.ts";
import { turnFigures } from "./turn-figures.ts";

function lanesFor(builder: HistoryBuilder, promises: Promises = VOWED): TrialLanes {
  const trial = recordingOf(builder, promises);
  const index = buildIndex(trial.history);
  return lanesOf(trial, index, turnFigures(trial.plan, index));
}

function worstFor(builder: HistoryBuilder, promises: Promises = VOWED): Lane {
  const lane = lanesFor(builder, promises).shown.find(({ worst }) => worst);
  if (lane === undefined) throw new Error("nobody is the worst");
  return lane;
}

/** A calm trial of several sessions, each with one turn that is late by so much. */
function late(byMs: Readonly<Record<string, number>>): HistoryBuilder {
  const sessions = Object.fromEntries(Object.keys(byMs).map((id) => [id, "chat"]));
  const builder = new HistoryBuilder(planFor(sessions, { faults: [] }));
  builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  for (const [id, ms] of Object.entries(byMs)) {
    builder.turn(id, 1, 1_000, []);
    builder.editDriver((event) => (event.e === "ok" && event.s === id ? { ...event, t: event.t + ms } : event));
  }
  return builder;
}

describe("the lane of a session around a kill", () => {
  const lane = worstFor(cleanKill());

  test("stands around the fault that cut its turn short", () => {
    expect(lane).toMatchObject({ session: "a", cohort: "chat", zero: { fault: "f1" }, zeroS: 5, worksAgainMs: 980 });
    expect(lane.fromMs).toBeLessThanOrEqual(-1_000);
    expect(lane.toMs).toBeGreaterThanOrEqual(980);
    expect(lane.faults).toEqual([["f1", "kill", 0, 5, 200, "gone from the process table"]]);
    expect(lane.outside).toEqual([1, 1]);
  });

  test("has the turn with what its script needs and how it ended", () => {
    expect(lane.turns).toEqual([[2, -200, 650, 980, "intact", "ordinary", 0]]);
  });

  test("has every attempt of the client with its end", () => {
    expect(lane.attempts).toEqual([
      [2, 1, 1, -200, 3, "info", "ECONNRESET"],
      [2, 2, 1, 150, 151, "fail", "ECONNREFUSED"],
      [2, 3, 1, 300, 980, "ok", ""],
    ]);
  });

  test("tells what was bought again, and that it could not be helped", () => {
    expect(lane.calls.map((row) => [row[1], row[2], row[4], row[5], row[6], row[7], row[8], row[9]])).toEqual([
      [1, 1, -190, -90, 3, "aborted", 5, "first"],
      [1, 2, 310, 410, 610, "done", 11, "unavoidable"],
      [2, 2, 670, 770, 970, "done", 11, "first"],
    ]);
  });

  test("has tools and effects, and the process that ended and came back", () => {
    expect(lane.tools.map((row) => [row[3], row[5], row[6]])).toEqual([
      ["save_note", 615, 665],
      ["send_mail", 615, 645],
    ]);
    expect(lane.effects.map((row) => row[5])).toEqual(["applied", "applied"]);
    expect(lane.processes).toEqual([["server", 0, 2, 10, 200, null, "", 0, 1]]);
  });

  test("is the same again", () => {
    expect(worstFor(cleanKill())).toEqual(lane);
  });
});

describe("what is told of damage", () => {
  test("a turn that a final read lacks is gone, and the fault after its answer stands at zero", () => {
    const builder = cleanKill();
    builder.editRead("b", (turns) => turns.shift());
    const lane = worstFor(builder);
    expect(lane).toMatchObject({ session: "b", damage: { lost: 1 }, zero: { fault: "f1" }, checkers: ["C1"] });
  });

  test("an answer without memory is amnesiac, and its request says how much it lacks", () => {
    const builder = cleanKill();
    builder.showLinks("a", 2, []);
    builder.showLinks("a", 3, [2]);
    const lane = worstFor(builder, { ...VOWED, readable: false });
    expect(lane.turns.map((row) => row[4])).toEqual(["amnesiac"]);
    expect(lane.calls.map((row) => row[10])).toEqual([1, 1, 0]);
    expect(lane.damage.lost).toBe(1);
    expect(lane.worksAgainMs).toBeNull();
  });

  test("an effect applied again is marked, though the first time lies outside", () => {
    const builder = cleanKill();
    builder.callTools("a", 2, 5_640, 2, 2);
    const lane = worstFor(builder);
    expect(lane.damage.doubled).toBe(2);
    expect(lane.effects.filter((row) => row[5] === "twice")).toHaveLength(2);
  });

  test("a completion bought again after a tool had been called is avoidable, with its reason", () => {
    const builder = cleanKill();
    builder.sell("a", 2, { step: 1, p: 3, i: 2, at: 5_650, links: [1] });
    const lane = worstFor(builder);
    expect(lane.damage.avoidable).toBe(1);
    const bought = lane.calls.find((row) => row[9] === "avoidable");
    expect(bought?.[11]).toBe("a tool request built on it had arrived");
  });

  test("a turn without an answer goes on beyond the window", () => {
    const builder = cleanKill();
    builder.editDriver((event) =>
      (event.e === "ok" || event.e === "enabled") && event.s === "a" && event.n > 1 && (event.e === "ok" || event.n > 2)
        ? undefined
        : event,
    );
    const lane = worstFor(builder);
    expect(lane).toMatchObject({ session: "a", damage: { unanswered: 1 }, worksAgainMs: null });
    expect(lane.turns.find((row) => row[0] === 2)?.slice(3, 5)).toEqual([null, "open"]);
  });

  test("a superseded owner's late work stands beside its successor's", () => {
    const lane = lanesFor(cleanTakeover()).shown[0];
    expect(lane?.session).toBe("a");
    expect(lane?.processes.map((row) => [row[1], row[2]])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(new Set(lane?.calls.map((row) => row[3]))).toEqual(new Set([1, 2]));
  });

  test("a timer has its due instant and the request that followed it", () => {
    expect(worstFor(cleanSleep()).timers[0]).toEqual([1, 1, 310, 710, 715]);
  });
});

describe("which session is the worst", () => {
  test("without any damage the one with the longest overhead, and its turn stands at zero", () => {
    const lane = worstFor(late({ a: 10, b: 300, c: 20 }));
    expect(lane).toMatchObject({ session: "b", zero: { turn: 1 }, zeroS: 1, damage: { longestMs: 330 } });
  });

  test("what held the runtime up stands beside it: at each instant its most telling cause, short collections aside", () => {
    const builder = late({ a: 300 });
    builder.trial.push(
      { e: "gc", t: 1_200, i: 1, kind: "major", ms: 250 },
      { e: "gc", t: 1_300, i: 1, kind: "minor", ms: 4 },
      { e: "stall", t: 1_190, i: 1, ms: 270 },
      { e: "stall", t: 9_000, i: 1, ms: 90 },
    );
    expect(worstFor(builder).spans).toEqual([
      ["stall", 190, 200],
      ["major-gc", 200, 450],
      ["stall", 450, 460],
    ]);
  });

  test("of equals the first by id", () => {
    expect(worstFor(late({ b: 100, a: 100, c: 100 })).session).toBe("a");
  });

  test("who lost a turn comes before whoever waited longer", () => {
    const builder = late({ a: 10, b: 900 });
    for (const id of ["a", "b"]) builder.read(id, 9_000, id === "a" ? {} : { 1: answerOf(id, 1) });
    expect(worstFor(builder).session).toBe("a");
  });

  test("a trial in which nobody asked anything has none", () => {
    const builder = new HistoryBuilder(planFor({ a: "chat" }));
    builder.phases({ warmup: 0, end: 1_000 });
    builder.driver.push({ e: "arrive", t: 1, s: "a" });
    expect(lanesFor(builder)).toEqual({ shown: [], capsules: [] });
  });
});

describe("the lanes of a trial", () => {
  /** Every one of so many sessions loses its first turn. */
  function losing(sessions: number): HistoryBuilder {
    const ids = Array.from({ length: sessions }, (_, place) => `s${place}`);
    const builder = late(Object.fromEntries(ids.map((id, place) => [id, place])));
    for (const id of ids) builder.read(id, 9_000, {});
    return builder;
  }

  test("name every capsule and draw a few", () => {
    const { shown, capsules } = lanesFor(losing(9));
    expect(capsules.filter(({ checker }) => checker === "C1").map(({ session }) => session)).toEqual([
      "s0",
      "s1",
      "s2",
      "s3",
      "s4",
    ]);
    expect(shown).toHaveLength(LANES_MOST);
    expect(shown.filter(({ worst }) => worst)).toHaveLength(1);
    expect(shown.slice(1).every(({ checkers }) => checkers.includes("C1"))).toBe(true);
    expect(new Set(shown.map(({ session }) => session)).size).toBe(LANES_MOST);
  });

  test("every capsule holds the lane of its session", () => {
    const { campaign, environment } = inputsOf([]);
    const capsules = capsulesOf(recordingOf(losing(3)), { campaign, environment, commandOf: () => "again" });
    expect(capsules.size).toBeGreaterThan(0);
    for (const capsule of capsules.values()) expect(capsule.lane?.session).toBe(capsule.session);
  });

  test("stay small: a lane with hundreds of refusals keeps the first, the last and the longest, and says how many are left out", () => {
    const builder = cleanKill();
    for (let n = 0; n < 300; n++) {
      builder.invoke("a", 2, 5_152 + n / 4, 10 + n);
      builder.driver.push({ e: "fail", t: 5_152.1 + n / 4, s: "a", n: 2, a: 10 + n, why: "ECONNREFUSED" });
    }
    const lane = worstFor(builder);
    expect(lane.leftOut).toBe(303 - 40);
    expect(lane.attempts.map((row) => row[1])).toEqual(expect.arrayContaining([1, 3]));
    expect(JSON.stringify(lane).length).toBeLessThan(6_000);
  });

  test("a thinned track keeps its edges and what is heaviest, in order", () => {
    expect(heaviest([3, 1, 9, 2, 8, 4], 4, (value) => value)).toEqual([3, 9, 8, 4]);
    expect(heaviest([3, 1], 4, (value) => value)).toEqual([3, 1]);
  });
});
