import { expect, test } from "vitest";
import { type GateLine, NO_NUMBER } from "../harness/gate/line.ts";
import { renderAnnotations } from "./annotations.ts";

const line = (answer: GateLine["answer"], what: string, says: string): GateLine => ({
  rule: "invariant",
  what,
  runner: "memo",
  scenario: "strike",
  answer,
  says,
  ...NO_NUMBER,
});

test("a regression is an error, what is not decided a warning, and what passed is not told", () => {
  const lines = [
    line("pass", "effects", "0 of 10"),
    line("inconclusive", "turns lost", "no reads"),
    line("regression", "turns forgotten", "3 of 10"),
  ];
  expect(renderAnnotations({ lines }).split("\n")).toEqual([
    "::error title=invariant%3A turns forgotten%2C memo in strike::3 of 10",
    "::warning title=invariant%3A turns lost%2C memo in strike::no reads",
    "",
  ]);
});

test("a name cannot begin a command of its own", () => {
  const text = renderAnnotations({
    lines: [line("regression", "x\n::stop-commands::all", "50 %\r\n::set-output name=a::b")],
  });
  expect(text.trimEnd().split(/[\r\n]/)).toHaveLength(1);
  expect(text).toContain("50 %25%0D%0A::set-output");
});
