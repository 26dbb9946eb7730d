import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  constant,
  draw,
  exponential,
  fnv1a32,
  keyOf,
  lognormal,
  meanOf,
  randomOf,
  shuffled,
  uniform,
} from "./random.ts";

describe("seeded randomness", () => {
  it("gives the same values for the same key whatever was drawn before, and others for another key", () => {
    const values = (...key: (string | number)[]) => Array.from({ length: 5 }, randomOf(1, ...key));
    expect(values("a", 1)).toEqual(values("a", 1));
    expect(values("a", 1)).not.toEqual(values("a", 2));
    expect(keyOf(1, "a", "b")).not.toBe(keyOf(1, "ab"));
  });

  it("hashes as FNV-1a does", () => {
    expect(fnv1a32("")).toBe(0x811c9dc5);
    expect(fnv1a32("a")).toBe(0xe40c292c);
    expect(fnv1a32("foobar")).toBe(0xbf9cf968);
    const naive = [...Buffer.from("né🏇", "utf8")].reduce(
      (hash, byte) => Math.imul(hash ^ byte, 0x01000193),
      0x811c9dc5,
    );
    expect(fnv1a32("né🏇")).toBe(naive >>> 0);
  });

  it("draws with the mean that planning expects", () => {
    for (const distribution of [constant(3), uniform(2, 6), exponential(5), lognormal(600, 0.35)]) {
      const random = randomOf(42, "mean");
      let sum = 0;
      for (let i = 0; i < 40_000; i++) sum += draw(distribution, random);
      expect(Math.abs(sum / 40_000 / meanOf(distribution) - 1)).toBeLessThan(0.03);
    }
  });

  it("shuffles without losing or doubling anything", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        expect([...shuffled(items, randomOf(seed))].sort()).toEqual([...items].sort());
      }),
    );
  });
});
