import { expect, test } from "vitest";
import { readableJson } from "./readable-json.ts";

test("what fits into a line stands on one, and what does not is parted", () => {
  const long = "x".repeat(60);
  expect(readableJson({ a: { b: [1, "\n  c"] }, left: undefined, d: { e: long, f: [long, {}] } })).toBe(
    [
      "{",
      '  "a": { "b": [ 1, "\\n  c" ] },',
      '  "d": {',
      `    "e": "${long}",`,
      `    "f": [ "${long}", {} ]`,
      "  }",
      "}",
      "",
    ].join("\n"),
  );
});

test("reads back as it was", () => {
  const value = { text: 'a "b"\n\t  c', list: Array.from({ length: 40 }, (_, n) => ({ n })), none: null };
  expect(JSON.parse(readableJson(value))).toEqual(value);
});
