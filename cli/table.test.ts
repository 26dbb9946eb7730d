import { describe, expect, it } from "vitest";
import { byteSize, roughTime, textTable } from "./table.ts";

describe("a table", () => {
  it("puts numbers to the right, words to the left, and ends no line in white space", () => {
    const text = textTable(
      ["name", "turns", "says"],
      [
        ["a", "1,200", "ok"],
        ["longer", "7"],
      ],
    );
    expect(text.split("\n")).toEqual([
      "name    turns  says",
      "──────  ─────  ────",
      "a       1,200  ok",
      "longer      7",
    ]);
  });

  it("has headings even without rows", () => {
    expect(textTable(["a"], [])).toBe("a\n─");
  });
});

it.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1_000, "1 s"],
  [59_400, "59 s"],
  [59_600, "1 min"],
  [200_000, "3 min 20 s"],
  [3_900_000, "1 h 05 min"],
])("%i ms of waiting reads %j", (ms, text) => {
  expect(roughTime(ms)).toBe(text);
});

it.each([
  [0, "0 KB"],
  [1, "1 KB"],
  [999_001, "1000 KB"],
  [34_400_000, "34 MB"],
  [1_240_000_000, "1.2 GB"],
])("%i bytes read %j", (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});
