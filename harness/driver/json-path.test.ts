import { describe, expect, test } from "vitest";
import { parseJsonPath, valueAt } from "./json-path.ts";

describe("a JSON path", () => {
  test.each([
    ["the root is the value itself", "$", { a: 1 }, { a: 1 }],
    ["names lead into objects", "$.a.b", { a: { b: 2 } }, 2],
    ["indexes lead into arrays", "$.a.b[1].c", { a: { b: [0, { c: 3 }] } }, 3],
    ["names may hold dashes", "$.text-delta", { "text-delta": "x" }, "x"],
    ["a missing name leads nowhere", "$.a.z", { a: {} }, undefined],
    ["a name in a text leads nowhere", "$.a.length", { a: "abc" }, undefined],
    ["inherited properties are not there", "$.constructor", {}, undefined],
    ["null leads nowhere", "$.a.b", { a: null }, undefined],
  ])("%s", (_, path, value, expected) => {
    expect(valueAt(value, parseJsonPath(path))).toEqual(expected);
  });

  test.each(["output", "$output", "$..a", "$.a[*]", "$.a[", ""])(
    "%j is refused with an example of the form",
    (path) => {
      expect(() => parseJsonPath(path)).toThrow(/is not a JSON path.*\$\.answer/);
    },
  );
});
