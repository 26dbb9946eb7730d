import { expect, test } from "vitest";
import type { Verdict } from "./checkers/checker.ts";
import { cleanKill, type HistoryBuilder, planFor } from "./checkers/history-builder.ts";
import { buildIndex } from "./checkers/history-index.ts";
import { CHECKERS, type CheckerId } from "./checkers/index.ts";
import type { WorldEvent } from "./history.ts";
import { judgeTrial, judgeWith } from "./judge.ts";
import type { Promises } from "./runner.ts";

const VOWED: Promises = { readable: true, effects: "exactly-once-with-keys" };

const judge = (builder: HistoryBuilder, promises: Promises = VOWED): Verdict[] =>
  judgeTrial(builder.history(), promises);
const verdictOf = (verdicts: readonly Verdict[], id: CheckerId): Verdict =>
  verdicts.find(({ checker }) => checker === id) as Verdict;

const CLASSES: readonly [string, Promises["effects"], number, number, Verdict["result"]][] = [
  ["at-most-once allows none", "at-most-once", 0, 0, true],
  ["at-most-once forbids two of a plain tool", "at-most-once", 1, 2, false],
  ["at-least-once allows two", "at-least-once", 1, 2, true],
  ["at-least-once forbids none", "at-least-once", 1, 0, false],
  ["exactly-once with keys does not cover plain tools", "exactly-once-with-keys", 1, 2, true],
  ["exactly-once with keys forbids none of a keyed tool", "exactly-once-with-keys", 0, 0, false],
];
test.each(CLASSES)("effects: %s", (_, effects, call, times, result) => {
  const builder = cleanKill();
  const isIt = (event: WorldEvent): boolean =>
    event.e === "effect" && event.s === "b" && event.n === 1 && event.c === call;
  const original = builder.world.find(isIt) as WorldEvent;
  builder.editWorld((event) => (isIt(event) ? undefined : event));
  for (let n = 0; n < times; n++) builder.world.push(original);
  const verdict = verdictOf(judge(builder, { readable: true, ...(effects && { effects }) }), "C6");
  expect(verdict.result).toBe(result);
});

test("a turn that was certainly never accepted may have no effect, whatever the class", () => {
  const builder = cleanKill();
  builder.enable("b", 4, 9_450).invoke("b", 4, 9_450).callTools("b", 4, 9_460);
  builder.driver.push({ e: "fail", t: 9_451, s: "b", n: 4, a: 1, why: "503" });
  const verdict = verdictOf(judge(builder, { readable: true, effects: "at-least-once" }), "C6");
  expect(verdict).toMatchObject({ result: false, violations: 2 });
});

const UNKNOWN: readonly [string, CheckerId, Promises, (builder: HistoryBuilder) => void, RegExp][] = [
  [
    "C1 without a final read",
    "C1",
    VOWED,
    (b) => b.editDriver((e) => (e.e === "read" && e.s === "a" ? undefined : e)),
    /a session has no final read/,
  ],
  [
    "C1 when the final read was refused",
    "C1",
    VOWED,
    (b) =>
      b.editDriver((e) =>
        e.e === "read" && e.s === "a" ? { e: "read", t: e.t, began: e.began, s: "a", status: 500 } : e,
      ),
    /status 500/,
  ],
  [
    "C3 when no turn was answered more than once",
    "C3",
    {},
    (b) => b.editDriver((e) => (e.e === "read" ? undefined : e)),
    /nothing could differ/,
  ],
  ["C6 when nothing was vowed, but counted", "C6", { readable: true }, () => {}, /Nothing was vowed \(8 applied once/],
  [
    "C12 for a session that was not reached",
    "C12",
    VOWED,
    (b) => {
      b.editDriver((e) => ("s" in e && e.s === "b" && "n" in e && e.n === 3 ? undefined : e));
      b.editWorld((e) => ("n" in e && e.s === "b" && e.n === 3 ? undefined : e));
      b.editRead("b", (turns) => turns.pop());
    },
    /a session was not reached/,
  ],
  [
    "C17 when the fault did not land",
    "C17",
    VOWED,
    (b) => {
      b.trial = b.trial.filter(({ e }) => e !== "landed");
    },
    /did not land/,
  ],
  [
    "C17 without proof turns",
    "C17",
    VOWED,
    (b) => b.editDriver((e) => ("n" in e && e.n === 3 ? undefined : e)),
    /no proof turns/,
  ],
  [
    "C17 when requests name no session",
    "C17",
    VOWED,
    (b) => b.world.push({ e: "unattributed", t: 1, path: "/", i: 1 }),
    /named no session/,
  ],
  [
    "C19 when requests do not say on which completion they stand",
    "C19",
    VOWED,
    (b) =>
      b.editWorld((e) => {
        if (e.e !== "ask") return e;
        const { of: _dropped, ...rest } = e as typeof e & { of?: number };
        return rest;
      }),
    /do not say/,
  ],
];
test.each(UNKNOWN)("unknown: %s", (_, id, promises, change, reason) => {
  const builder = cleanKill();
  change(builder);
  const verdict = verdictOf(judge(builder, promises), id);
  expect(verdict.result).toBe("unknown");
  expect(verdict.reason).toMatch(reason);
});

test("a session whose attempt hangs from before the proof phase to the end is stuck", () => {
  const builder = cleanKill();
  builder.editDriver((event) => ("s" in event && event.s === "b" && "n" in event && event.n === 3 ? undefined : event));
  builder.editWorld((event) => ("n" in event && event.s === "b" && event.n === 3 ? undefined : event));
  builder.editRead("b", (turns) => turns.pop());
  builder.enable("b", 3, 8_000).invoke("b", 3, 8_000);
  const verdict = verdictOf(judge(builder), "C12");
  expect(verdict).toMatchObject({ result: false, violations: 1 });
  expect(verdict.evidence[0]?.says).toBe("b is stuck: turn 3 was never answered; the runtime never acted on it.");
});

test("an empty history passes nothing", () => {
  const plan = planFor({ a: "chat" });
  const verdicts = judgeTrial({ plan, driver: [], world: [], trial: [] }, VOWED);
  expect(verdicts.map(({ checker }) => checker)).toEqual(Object.keys(CHECKERS));
  expect(verdicts.every(({ result }) => result === "unknown")).toBe(true);
});

test("a checker that throws is unknown and says why", () => {
  const history = cleanKill().history();
  const throwing = {
    id: "C0",
    claim: "Nothing.",
    check: () => {
      throw new Error("no such luck");
    },
  };
  const verdict = judgeWith(throwing, { history, index: buildIndex(history), promises: {} });
  expect(verdict).toMatchObject({ checker: "C0", result: "unknown", reason: "The checker failed: no such luck" });
});

test("evidence is limited, violations are all counted", () => {
  const builder = cleanKill();
  for (let n = 0; n < 50; n++)
    builder.world.push({ e: "local", t: 2_370, s: "b", n: 1, k: 1, c: 0, p: 1, tool: "burn_cpu", ok: false });
  const verdict = verdictOf(judge(builder), "C15");
  expect(verdict.violations).toBe(50);
  expect(verdict.evidence).toHaveLength(20);
});
