import { describe, expect, test } from "vitest";
import { acrossBlocks, count, counted, decimal, dollars, duration, durationOr, listed, share } from "./format.ts";

describe("numbers are written for people", () => {
  test.each([
    ["nothing is 0 ms", 0, "0 ms"],
    ["a rounded negative zero has no sign", -0.01, "0.0 ms"],
    ["small times keep a decimal", 3.24, "3.2 ms"],
    ["times below a second are whole milliseconds", 48.4, "48 ms"],
    ["the last millisecond before a second", 999.4, "999 ms"],
    ["rounding up to a second changes the unit", 999.6, "1.00 s"],
    ["seconds keep two decimals", 2310, "2.31 s"],
    ["tens of seconds keep one", 64_040, "64.0 s"],
    ["minutes stay seconds", 1_204_000, "1,204 s"],
    ["a gain keeps its sign", -12.2, "-12 ms"],
  ])("%s", (_, valueMs, text) => expect(duration(valueMs)).toBe(text));

  test.each([
    ["no money", 0, "$0"],
    ["a fraction of a cent is not rounded to nothing", 0.004, "under $0.01"],
    ["cents", 0.351, "$0.35"],
    ["large sums lose their cents", 1234.5, "$1,235"],
  ])("dollars: %s", (_, value, text) => expect(dollars(value)).toBe(text));

  test("thousands are separated, and one is singular", () => {
    expect([count(0), count(999), count(12_004), count(1_234_567)]).toEqual(["0", "999", "12,004", "1,234,567"]);
    expect([counted(1, "turn"), counted(2, "turn")]).toEqual(["1 turn", "2 turns"]);
  });

  test("shares and decimals have as many digits as their size deserves", () => {
    expect([share(0), share(0.004), share(0.734), share(1)]).toEqual(["0 %", "0.4 %", "73 %", "100 %"]);
    expect([decimal(0), decimal(0.412), decimal(4.12), decimal(4120)]).toEqual(["0", "0.41", "4.1", "4,120"]);
  });

  test("a missing figure is said, not shown as a number", () => {
    expect([durationOr(null), durationOr(null, "–"), durationOr(5)]).toEqual(["not enough", "–", "5.0 ms"]);
  });

  test("several blocks show the lowest and the highest that are known", () => {
    expect(acrossBlocks([12, null, 9], count)).toBe("9 to 12");
    expect(acrossBlocks([12.1, 12.2], count)).toBe("12");
    expect(acrossBlocks([null], count)).toBe("not enough");
  });

  test("names are listed as in a sentence", () => {
    expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
  });
});
