import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findLinks, findMarker } from "../identity.ts";
import { completionTokens, finalText, type Sale, writtenCalls } from "./wording.ts";

const sale: Sale = { seed: 7, session: "s1", turn: 3, step: 2, purchase: 1 };

describe("completionTokens", () => {
  it("gives exactly as many tokens as asked for, none of which needs an escape in JSON", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 99 }),
        (tokens, final, purchase) => {
          const said = completionTokens({ ...sale, purchase }, tokens, final);
          expect(said).toHaveLength(tokens);
          expect(said.every((token) => /^[ \w]+$/.test(token))).toBe(true);
        },
      ),
    );
  });

  it("words another purchase otherwise, and the same purchase alike", () => {
    const texts = [1, 2, 1].map((purchase) => completionTokens({ ...sale, purchase }, 20, false).join(""));
    expect(texts[0]).toBe(texts[2]);
    expect(texts[0]).not.toBe(texts[1]);
  });
});

describe("finalText", () => {
  it.each([1, 2, 50])("ends in the marker of the step and the link of the turn, with %i tokens", (tokens) => {
    const text = finalText(sale, tokens);
    expect(findMarker(text)).toEqual({ session: "s1", turn: 3, step: 2, call: 0, purchase: 1 });
    expect(findLinks(7, "s1", Buffer.from(text))).toEqual([3]);
    expect(text).toMatch(/L_s1_3_[0-9a-z]{7}$/);
  });

  it("carries the same link whatever the purchase", () => {
    const link = (purchase: number) =>
      finalText({ ...sale, purchase }, 5)
        .split(" ")
        .at(-1);
    expect(link(1)).toBe(link(2));
  });
});

describe("writtenCalls", () => {
  it("marks id and arguments of each call alike, and otherwise for another purchase", () => {
    const call = { tool: "t", local: false, arguments: { a: 1 }, takesMs: 0, effect: "keyed" } as const;
    const [first, second] = writtenCalls(sale, [call, call]);
    expect(JSON.parse(first?.arguments ?? "")).toEqual({ a: 1, mark: first?.id });
    expect(findMarker(second?.id ?? "")).toEqual({ session: "s1", turn: 3, step: 2, call: 1, purchase: 1 });
    expect(writtenCalls({ ...sale, purchase: 2 }, [call])[0]?.id).not.toBe(first?.id);
  });
});
