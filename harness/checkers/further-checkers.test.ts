import { expect, test } from "vitest";
import { judgeTrial } from "../judge.ts";
import type { Promises } from "../runner.ts";
import type { Verdict } from "./checker.ts";
import { answerOf, cleanKill, type HistoryBuilder } from "./history-builder.ts";
import {
  buyAgain,
  callLate,
  change,
  cleanMachine,
  cleanRedeploy,
  cleanReplicas,
  cleanSleep,
  cleanTakeover,
  isOf,
  LEFT_NOTHING,
  readKill,
  WOKEN_MS,
  writeTogether,
} from "./history-scenes.ts";
import { IMPLIES, mayAlsoFind } from "./implications.ts";
import { CHECKERS, type CheckerId } from "./index.ts";

const VOWED: Promises = { readable: true, effects: "exactly-once-with-keys", "fenced-effects": true };

const judge = (builder: HistoryBuilder, promises: Promises = VOWED): Verdict[] =>
  judgeTrial(builder.history(), promises);
const broken = (verdicts: readonly Verdict[]): string[] =>
  verdicts.filter(({ result }) => result === false).map(({ checker }) => checker);
const verdictOf = (builder: HistoryBuilder, id: CheckerId, promises: Promises = VOWED): Verdict =>
  judge(builder, promises).find(({ checker }) => checker === id) as Verdict;

const SCENES: readonly [string, CheckerId, () => HistoryBuilder][] = [
  ["reads during the load", "C4", readKill],
  ["reads during the load", "C5", readKill],
  ["a second copy", "C8", cleanReplicas],
  ["a takeover", "C8", cleanTakeover],
  ["a takeover", "C9", cleanTakeover],
  ["a kill", "C10", cleanKill],
  ["a redeploy", "C13", cleanRedeploy],
  ["sleeping sessions", "C14", () => cleanSleep()],
  ["a machine that was looked at", "C16", cleanMachine],
];
test.each(SCENES)("a clean trial with %s passes %s", (_, id, scene) => {
  const builder = scene();
  expect(broken(judge(builder))).toEqual([]);
  expect(verdictOf(builder, id)).toMatchObject({ result: true, violations: 0, evidence: [] });
  expect(verdictOf(builder, id).exposures).toBeGreaterThan(0);
});

const PLANTED: readonly [string, readonly CheckerId[], () => HistoryBuilder, (builder: HistoryBuilder) => void][] = [
  [
    "a later read shows another output",
    ["C3", "C4", "C15"],
    readKill,
    (b) =>
      b.editDriver((e) =>
        e.e === "read" && e.s === "b" && e.t < 3_000 ? { ...e, turns: [["1", "input", "other"]] } : e,
      ),
  ],
  [
    "a later read has turns in another order",
    ["C4", "C10"],
    readKill,
    (b) =>
      b.editDriver((e) =>
        e.e === "read" && e.s === "b" && e.t > 9_000 ? { ...e, turns: [...(e.turns ?? [])].reverse() } : e,
      ),
  ],
  [
    "a read shrinks and grows again: it is stale as well",
    ["C4", "C5"],
    readKill,
    (b) => b.editDriver((e) => (e.e === "read" && e.s === "b" && e.t === 7_005 ? { ...e, turns: [] } : e)),
  ],
  [
    "a read misses what was acknowledged, and a later one has it",
    ["C5"],
    readKill,
    (b) => b.editDriver((e) => (e.e === "read" && e.s === "b" && e.t < 3_000 ? { ...e, turns: [] } : e)),
  ],
  [
    "a turn that earlier reads had shown is gone in the end",
    ["C1", "C4"],
    readKill,
    (b) =>
      b.editDriver((e) =>
        e.e === "read" && e.s === "b" && e.t > 9_000 ? { ...e, turns: (e.turns ?? []).filter(([n]) => n !== "1") } : e,
      ),
  ],
  ["two copies work on the same turn at the same time", ["C8"], cleanReplicas, writeTogether],
  [
    "a woken owner and its successor both go on",
    ["C8"],
    cleanTakeover,
    (b) => {
      buyAgain(b, 9_300, 3, 1);
      buyAgain(b, 9_600, 4, 2);
      buyAgain(b, 9_900, 5, 1);
      b.editDriver((e) => ("n" in e && e.s === "a" && e.n === 2 && e.t > 8_000 ? { ...e, t: e.t + 2_000 } : e));
    },
  ],
  [
    "the answer of a superseded owner is kept",
    ["C9"],
    cleanTakeover,
    (b) => {
      buyAgain(b, WOKEN_MS, 3, 1);
      b.editDriver((e) =>
        e.e === "ok" && e.h === answerOf("a", 2, 2) ? { ...e, t: 8_600, h: answerOf("a", 2, 3) } : e,
      );
      b.editRead("a", (turns) => {
        turns[1] = ["2", "input", answerOf("a", 2, 3)];
      });
    },
  ],
  [
    "a successor goes on from what the superseded owner bought",
    ["C9", "C19"],
    cleanTakeover,
    (b) => {
      // A second purchase of step 1 by the woken owner, and the second answer bought once more upon it.
      b.sell("a", 2, { step: 1, p: 2, i: 1, at: 8_020, links: [1] });
      b.sell("a", 2, { step: 2, p: 3, i: 2, at: 8_700 });
      b.editWorld((e) => (e.e === "ask" && e.n === 2 && e.p === 3 ? { ...e, of: 2 } : e));
      b.editWorld((e) => (e.e === "said" && e.n === 2 && e.p === 2 && e.k === 2 ? { ...e, end: "aborted" } : e));
      b.editDriver((e) =>
        e.e === "ok" && e.h === answerOf("a", 2, 2) ? { ...e, t: 9_100, h: answerOf("a", 2, 3) } : e,
      );
      b.editRead("a", (turns) => {
        turns[1] = ["2", "input", answerOf("a", 2, 3)];
      });
    },
  ],
  ["an effect of a superseded owner comes without a fence", ["C9"], cleanTakeover, (b) => callLate(b, WOKEN_MS, 1)],
  [
    "a tool is called before the completion that names it",
    ["C10"],
    cleanKill,
    (b) => b.editWorld(change(isOf("tool", "b", 1, 1), { t: 2_050 })),
  ],
  [
    "the next step is asked for before a tool has answered",
    ["C10"],
    cleanKill,
    (b) => b.editWorld((e) => (e.e === "told" && e.s === "b" && e.n === 1 && e.c === 0 ? { ...e, t: 2_400 } : e)),
  ],
  [
    "an answer comes before the model has begun to say it",
    ["C10"],
    cleanKill,
    (b) => b.editDriver((e) => (e.e === "ok" && e.s === "b" && e.n === 1 ? { ...e, t: 2_460 } : e)),
  ],
  [
    "a read lists turns in another order than they had",
    ["C10"],
    cleanKill,
    (b) => b.editRead("b", (turns) => turns.reverse()),
  ],
  [
    "a turn that was pending at the redeploy fails for good",
    ["C13"],
    cleanRedeploy,
    (b) => {
      b.editDriver((e) =>
        e.e === "ok" && e.s === "a" && e.n === 2
          ? { e: "failed", t: e.t, s: "a", n: 2, a: e.a, code: "nondeterminism" }
          : e,
      );
      b.editRead("a", (turns) => {
        turns[1] = ["2", "input", "!nondeterminism"];
      });
    },
  ],
  ["a redeploy loses a turn", ["C1", "C13"], cleanRedeploy, (b) => b.editRead("b", (turns) => turns.shift())],
  ["the new version has forgotten a turn", ["C13", "C18"], cleanRedeploy, (b) => b.showLinks("b", 2, [])],
  [
    "a timer fires early",
    ["C14"],
    () => cleanSleep(),
    (b) => b.editWorld(change(isOf("ask", "a", 2, 2), { t: 3_705 })),
  ],
  [
    "a timer fires twice",
    ["C7", "C14"],
    () => cleanSleep(),
    (b) => {
      b.sell("a", 2, { step: 2, p: 2, at: 3_730 });
      b.editWorld((e) => (e.e === "ask" && e.n === 2 && e.k === 2 ? { ...e, of: 1 } : e));
    },
  ],
  [
    "a process is left on the machine",
    ["C16"],
    cleanMachine,
    (b) => {
      b.trial = b.trial.map((e) => (e.e === "clean" ? { ...LEFT_NOTHING, processes: 1, left: ["node, pid 7"] } : e));
    },
  ],
];

test.each(PLANTED)("%s: found by %s alone", (_, ids, scene, plant) => {
  const builder = scene();
  plant(builder);
  const history = builder.history();
  const verdicts = judgeTrial(history, VOWED);
  expect(broken(verdicts)).toEqual(ids);
  for (const { evidence } of verdicts.filter(({ result }) => result === false)) {
    expect(evidence.length).toBeGreaterThan(0);
    for (const { witness, index, says } of evidence) {
      expect(history[witness][index]).toBeDefined();
      expect(says).toMatch(/\.$/);
    }
  }
});

test("what one checker finds others may find: every checker has its row, and no row names itself", () => {
  expect(Object.keys(IMPLIES)).toEqual(Object.keys(CHECKERS));
  for (const [id, implied] of Object.entries(IMPLIES)) expect(implied).not.toContain(id);
  expect([...mayAlsoFind(["C14", "C3"])].sort()).toEqual(["C10", "C15", "C4", "C7"]);
});
