import { describe, expect, test } from "vitest";
import { judgeTrial } from "../judge.ts";
import type { Promises } from "../runner.ts";
import type { Verdict } from "./checker.ts";
import { cleanKill, type HistoryBuilder, planFor } from "./history-builder.ts";
import { change, isOf } from "./history-scenes.ts";
import type { CheckerId } from "./index.ts";

const VOWED: Promises = { readable: true, effects: "exactly-once-with-keys", "fenced-effects": true };

const verdictOf = (builder: HistoryBuilder, id: CheckerId, promises: Promises = VOWED): Verdict =>
  judgeTrial(builder.history(), promises).find(({ checker }) => checker === id) as Verdict;

describe("faults of the script", () => {
  const { definition } = planFor({});
  const withFault = (fault: object, tool = false): HistoryBuilder => {
    const chat = definition.cohorts.chat;
    const entries = Array.isArray(chat?.script) ? chat.script : [];
    const script = entries.map((entry: object, place) => (place === (tool ? 1 : 0) ? { ...entry, fault } : entry));
    const cohorts = { ...definition.cohorts, chat: { ...chat, script } } as typeof definition.cohorts;
    return cleanKill({ definition: { ...definition, cohorts } });
  };

  test("that nobody met prove nothing", () => {
    expect(verdictOf(withFault({ kind: "status" }), "C17").reason).toContain(
      'no turn met the fault "status" of the model',
    );
    expect(verdictOf(withFault({ kind: "hang" }, true), "C17").reason).toContain(
      'no turn met the fault "hang" of the tool',
    );
  });

  test("have landed once a completion showed them, a request was denied, or a tool told of them", () => {
    const met: readonly [string, boolean, (b: HistoryBuilder) => void][] = [
      ["cut", false, (b) => b.editWorld(change(isOf("said", "b", 1, 1), { fault: "cut" }))],
      [
        "status",
        false,
        (b) => b.world.push({ e: "denied", t: 2_011, s: "b", n: 1, k: 1, r: 9, fault: "status", status: 429 }),
      ],
      [
        "error",
        true,
        (b) =>
          b.editWorld((e) =>
            (e.e === "told" || e.e === "tool") && e.s === "b" && e.n === 1 && e.c === 0 ? { ...e, fault: "error" } : e,
          ),
      ],
    ];
    for (const [kind, tool, plant] of met) {
      const builder = withFault({ kind }, tool);
      plant(builder);
      expect(verdictOf(builder, "C17").result).toBe(true);
    }
  });

  test("excuse an effect that never happened, but no other", () => {
    const missing = (faulty: boolean): HistoryBuilder => {
      const builder = cleanKill();
      builder.editWorld((e) => (e.e === "effect" && e.s === "b" && e.n === 2 && e.c === 0 ? undefined : e));
      if (faulty)
        builder.editWorld((e) =>
          e.e === "tool" && e.s === "b" && e.n === 2 && e.c === 0 ? { ...e, fault: "error" } : e,
        );
      return builder;
    };
    expect(verdictOf(missing(true), "C6").result).toBe(true);
    expect(verdictOf(missing(false), "C6").result).toBe(false);
  });

  test("that spoil the calls of a completion provoke the next one, though a tool had been called upon them", () => {
    const spoilt = (fault: string): Verdict => {
      const builder = cleanKill();
      builder.editWorld(change(isOf("ask", "b", 1, 1), { fault }));
      builder.world.push(
        { e: "ask", t: 2_369, s: "b", n: 1, k: 1, r: 2, p: 2, i: 1, bytes: 400, of: 1 },
        { e: "first", t: 2_369.5, s: "b", n: 1, k: 1, p: 2 },
      );
      return verdictOf(builder, "C7");
    };
    expect(spoilt("unknown-tool").result).toBe(true);
    expect(spoilt("slow-drip").result).toBe(false);
  });
});

test("repeats are split by whether a client had asked again", () => {
  expect(verdictOf(cleanKill(), "C7").reason).toContain("1 after a client had asked again, 0 unasked");
});
