import { expect, test } from "vitest";
import { linesBySession } from "./lines-by-session.ts";

const EVENTS = [{ s: "b" }, {}, { s: "a" }, { s: "b" }, { s: "c" }, {}, { s: "a" }];

function linesOf(events: readonly { s?: string }[], numbers: Map<string, number>, session: string): number[] {
  const lines: number[] = [];
  linesBySession(events, ({ s }) => s, numbers).each(numbers.get(session) ?? -1, (_event, at) => lines.push(at));
  return lines;
}

test("the lines of a session keep their order", () => {
  const numbers = new Map<string, number>();
  expect(linesOf(EVENTS, numbers, "b")).toEqual([0, 3]);
  expect(linesOf(EVENTS, numbers, "a")).toEqual([2, 6]);
  expect(linesOf(EVENTS, numbers, "c")).toEqual([4]);
});

test("numbers are given in the order of appearance, after those that are known", () => {
  const numbers = new Map([["a", 0]]);
  linesBySession(EVENTS, ({ s }) => s, numbers);
  expect([...numbers]).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
});

test("a session that this witness never saw has no lines", () => {
  const numbers = new Map([["elsewhere", 0]]);
  expect(linesOf(EVENTS, numbers, "elsewhere")).toEqual([]);
  const { each } = linesBySession(EVENTS, ({ s }) => s, numbers);
  numbers.set("only later", numbers.size);
  const seen: number[] = [];
  each(numbers.get("only later") ?? -1, (_event, at) => seen.push(at));
  expect(seen).toEqual([]);
});

test("events of no session are kept apart, in their order", () => {
  const events = [{ s: "a" }, { name: "first" }, { s: "b" }, { name: "second" }];
  const { others } = linesBySession(events, (event) => ("s" in event ? event.s : undefined), new Map());
  expect(others).toEqual([{ name: "first" }, { name: "second" }]);
});
