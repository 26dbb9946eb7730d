import { expect, test } from "vitest";
import type { AnswerText } from "../history.ts";
import { judgeTrial } from "../judge.ts";
import type { Promises } from "../runner.ts";
import type { Verdict } from "./checker.ts";
import { answerOf, cleanKill, type HistoryBuilder } from "./history-builder.ts";
import { CHECKERS, type CheckerId } from "./index.ts";

const VOWED: Promises = { readable: true, effects: "exactly-once-with-keys" };

const judge = (builder: HistoryBuilder, promises: Promises = VOWED): Verdict[] =>
  judgeTrial(builder.history(), promises);
const byResult = (verdicts: readonly Verdict[], result: Verdict["result"]): string[] =>
  verdicts.filter((verdict) => verdict.result === result).map(({ checker }) => checker);
const verdictOf = (verdicts: readonly Verdict[], id: CheckerId): Verdict =>
  verdicts.find(({ checker }) => checker === id) as Verdict;

test("a clean trial with a kill passes every checker that finds something to judge in it", () => {
  const verdicts = judge(cleanKill());
  expect(verdicts.map(({ checker }) => checker)).toEqual(Object.keys(CHECKERS));
  expect(byResult(verdicts, false)).toEqual([]);
  expect(byResult(verdicts, "unknown")).toEqual(["C4", "C5", "C8", "C9", "C13", "C14", "C16"]);
  expect(verdicts.every(({ exposures, result }) => exposures > 0 === (result === true))).toBe(true);
});

/** The answer of a turn came as a stream whose text agrees like this with its output. */
function showStream(builder: HistoryBuilder, s: string, n: number, text: AnswerText): void {
  builder.editDriver((event) =>
    event.e === "ok" && event.s === s && event.n === n
      ? { ...event, stream: { tokens: 11, gapMs: 20, early: 1, text } }
      : event,
  );
}

test("streams of the whole text pass, and so does the end of a turn that was joined", () => {
  const builder = cleanKill();
  showStream(builder, "b", 1, "whole");
  showStream(builder, "a", 2, "end");
  expect(byResult(judge(builder), false)).toEqual([]);
});

const PLANTED: readonly [string, CheckerId, (builder: HistoryBuilder) => void][] = [
  ["a final read lacks an acknowledged turn", "C1", (b) => b.editRead("a", (turns) => turns.splice(0, 1))],
  [
    "a session is unknown at the end",
    "C1",
    (b) =>
      b.editDriver((event) =>
        event.e === "read" && event.s === "a"
          ? { e: "read", t: event.t, began: event.began, s: "a", status: 404 }
          : event,
      ),
  ],
  ["a read shows a turn that was never offered", "C2", (b) => b.editRead("b", (turns) => turns.push(["9", "i", "x"]))],
  [
    "a read shows a turn all of whose attempts were refused",
    "C2",
    (b) => {
      b.enable("b", 4, 9_450).invoke("b", 4, 9_450);
      b.driver.push({ e: "fail", t: 9_451, s: "b", n: 4, a: 1, why: "503" });
      b.editRead("b", (turns) => turns.push(["4", "i", "x"]));
    },
  ],
  [
    "half an answer is acknowledged",
    "C2",
    (b) =>
      b.editWorld((event) =>
        event.e === "said" && event.s === "b" && event.n === 2 && event.k === 2
          ? { e: "said", t: event.t, s: "b", n: 2, k: 2, p: 1, tokens: 3, end: "aborted" }
          : event,
      ),
  ],
  ["a read lists a turn twice", "C3", (b) => b.editRead("a", (turns) => turns.push(["1", "i", answerOf("a", 1)]))],
  [
    "a read shows a failure where the client had an answer",
    "C3",
    (b) =>
      b.editRead("a", (turns) => {
        turns[0] = ["1", "i", "!model_refused"];
      }),
  ],
  [
    "a keyed effect is applied twice",
    "C6",
    (b) => b.world.push({ e: "effect", t: 2_500, s: "b", n: 1, k: 1, c: 0, p: 1, kind: "keyed", result: "applied" }),
  ],
  [
    "an acknowledged turn never had its effect",
    "C6",
    (b) =>
      b.editWorld((event) =>
        event.e === "effect" && event.s === "b" && event.n === 2 && event.c === 0 ? undefined : event,
      ),
  ],
  [
    "a completion is bought again after its tool call had come",
    "C7",
    (b) => {
      const again = { s: "b", n: 1, k: 1, p: 2 };
      b.world.push(
        { e: "ask", t: 2_320, ...again, r: 2, i: 1, links: [], bytes: 400 },
        { e: "first", t: 2_420, ...again },
        { e: "said", t: 2_520, ...again, tokens: 11, end: "done" },
      );
    },
  ],
  [
    "a completion is bought twice though nothing had happened",
    "C7",
    (b) => {
      const again = { s: "b", n: 1, k: 1, p: 2 };
      b.world.push(
        { e: "ask", t: 2_020, ...again, r: 2, i: 1, links: [], bytes: 400 },
        { e: "first", t: 2_120, ...again },
      );
    },
  ],
  [
    "a session does not answer its proof turn",
    "C12",
    (b) => {
      b.editDriver((event) => (event.e === "ok" && event.s === "a" && event.n === 3 ? undefined : event));
      b.editRead("a", (turns) => turns.pop());
      b.driver.push({ e: "censored", t: 15_000, s: "a", n: 3 });
    },
  ],
  [
    "a turn that was pending at the kill is never answered, so there is no proof turn",
    "C12",
    (b) => {
      b.editDriver((event) => {
        const gone =
          "s" in event && event.s === "a" && "n" in event && (event.n === 3 || (event.n === 2 && event.e === "ok"));
        return gone ? undefined : event;
      });
      b.editWorld((event) => ("n" in event && event.s === "a" && event.n === 3 ? undefined : event));
      b.editRead("a", (turns) => turns.splice(1, 2));
      b.invoke("a", 2, 9_000, 4);
      b.driver.push({ e: "censored", t: 15_000, s: "a", n: 2 });
    },
  ],
  [
    "an answer is not what the model said",
    "C15",
    (b) => {
      b.editDriver((event) =>
        event.e === "ok" && event.s === "b" && event.n === 1 ? { ...event, h: "other" } : event,
      );
      b.editRead("b", (turns) => {
        turns[0] = ["1", "i", "other"];
      });
    },
  ],
  [
    "a local tool returns a wrong result",
    "C15",
    (b) => b.world.push({ e: "local", t: 2_370, s: "b", n: 1, k: 1, c: 0, p: 1, tool: "burn_cpu", ok: false }),
  ],
  ["a stream shows another text than its result", "C15", (b) => showStream(b, "b", 1, "differs")],
  ["a stream leaves out the beginning of an answer that it was there for", "C15", (b) => showStream(b, "b", 1, "end")],
  ["the model is not shown an acknowledged turn", "C18", (b) => b.showLinks("b", 2, [])],
  ["the model is shown a turn twice", "C18", (b) => b.showLinks("b", 3, [1, 1, 2])],
  ["the model is shown turns in another order", "C18", (b) => b.showLinks("b", 3, [2, 1])],
  [
    "the effect is that of a completion which the transcript does not tell of",
    "C19",
    (b) =>
      b.editWorld((event) => (event.e === "effect" && event.s === "a" && event.n === 2 ? { ...event, p: 1 } : event)),
  ],
];

test.each(PLANTED)("%s: caught by %s alone", (_, id, plant) => {
  const builder = cleanKill();
  plant(builder);
  const history = builder.history();
  const verdicts = judgeTrial(history, VOWED);
  expect(byResult(verdicts, false)).toEqual([id]);
  const { violations, evidence } = verdictOf(verdicts, id);
  expect(violations).toBeGreaterThan(0);
  expect(evidence.length).toBe(Math.min(20, violations));
  for (const { witness, index, says } of evidence) {
    expect(history[witness][index]).toBeDefined();
    expect(says).toMatch(/\.$/);
  }
});

test("without reads, what the last model request lacks is lost", () => {
  const builder = cleanKill();
  builder.showLinks("a", 3, [2]);
  const verdicts = judge(builder, { effects: "at-least-once" });
  expect(byResult(verdicts, false)).toEqual(["C1", "C18"]);
  expect(verdictOf(verdicts, "C1").evidence[0]).toMatchObject({ witness: "world", session: "a", turn: 1 });
});

test("a turn whose 200 nobody read may be in the conversation or not", () => {
  for (const links of [[1, 2], [1]]) {
    const builder = cleanKill();
    builder.editDriver((event) => {
      if (event.e === "ok" && event.s === "b" && event.n === 2)
        return { e: "info", t: event.t, s: "b", n: 2, a: 1, why: "reset" };
      return event;
    });
    builder.showLinks("b", 3, links);
    expect(verdictOf(judge(builder), "C18").result).toBe(true);
  }
});

test("bought again after the World had failed the request is provoked, and breaks nothing", () => {
  const builder = cleanKill();
  builder.editWorld((event) =>
    event.e === "said" && event.s === "b" && event.n === 1 && event.k === 1
      ? { ...event, t: 2_200, end: "fault" }
      : event,
  );
  builder.editWorld((event) => {
    const shifts =
      "n" in event &&
      event.s === "b" &&
      event.n === 1 &&
      (event.e === "tool" || event.e === "effect" || event.e === "told");
    return shifts ? { ...event, p: 2 } : event;
  });
  const again = { s: "b", n: 1, k: 1, p: 2 };
  builder.world.push(
    { e: "ask", t: 2_210, ...again, r: 2, i: 1, links: [], bytes: 400 },
    { e: "first", t: 2_250, ...again },
  );
  const verdict = verdictOf(judge(builder), "C7");
  expect(verdict).toMatchObject({ result: true, violations: 0 });
  expect(verdict.reason).toContain("1 unavoidable, 1 provoked");
});
