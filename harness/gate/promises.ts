/** Promises at the gate: none broken; with a baseline none weaker, and none that was kept and is not looked at any more. */
import type { PromiseSummary, Summary } from "../summary.ts";
import { type GateLine, NO_NUMBER } from "./line.ts";

/** Vows of a promise from the weakest to the strongest. Where a vow stands in no order, another vow is another promise. */
const STRENGTH: Readonly<Record<string, readonly string[]>> = {
  "durable-turns": ["process", "database-process"],
};

function isWeaker(promise: string, before: string, now: string): boolean {
  const order = STRENGTH[promise] ?? [];
  const [from, to] = [order.indexOf(before), order.indexOf(now)];
  return from >= 0 && to >= 0 ? to < from : before !== now;
}

function answerOf(row: PromiseSummary, before: PromiseSummary | undefined): Pick<GateLine, "answer" | "says"> | null {
  const { promise, state, vowed, says } = row;
  const had = before !== undefined && before.state !== "not offered";
  if (state === "not offered")
    return had
      ? { answer: "regression", says: `The baseline promised ${before.vowed ?? promise}; it is no longer promised.` }
      : null;
  if (state === "broken") return { answer: "regression", says: `Broken: ${says}` };
  if (had && before.vowed !== null && vowed !== null && isWeaker(promise, before.vowed, vowed))
    return { answer: "regression", says: `The baseline promised ${before.vowed}; now it is ${vowed}.` };
  if (state === "kept") return { answer: "pass", says: says === "" ? `Kept in ${row.exposures} exposures.` : says };
  const tested = before?.state === "kept" || before?.state === "broken";
  return { answer: tested ? "inconclusive" : "untested", says: says === "" ? "No valid trial tested it." : says };
}

/** Runners that the baseline tested and the candidate's campaign lacks: nothing of them can pass. */
function absentLines({ promises }: Summary, baseline: Summary): GateLine[] {
  const present = new Set(promises.map(({ runner }) => runner));
  const tested = baseline.promises.filter(({ state }) => state === "kept" || state === "broken");
  const absent = [...new Set(tested.map(({ runner }) => runner))].filter((runner) => !present.has(runner));
  return absent.map((runner) => ({
    rule: "promise",
    what: "all",
    runner,
    scenario: null,
    ...NO_NUMBER,
    answer: "inconclusive",
    says: "The baseline tested its promises; the candidate's campaign does not have it.",
  }));
}

/** Promises that neither side makes are left out. */
export function promiseLines(candidate: Summary, baseline: Summary | null): GateLine[] {
  const lines = candidate.promises.flatMap((row): GateLine[] => {
    const before = baseline?.promises.find(({ runner, promise }) => runner === row.runner && promise === row.promise);
    const answer = answerOf(row, before);
    if (answer === null) return [];
    return [{ rule: "promise", what: row.promise, runner: row.runner, scenario: null, ...NO_NUMBER, ...answer }];
  });
  return baseline === null ? lines : [...lines, ...absentLines(candidate, baseline)];
}
