import { describe, expect, it } from "vitest";
import { EffectLedger, type EffectRequest } from "./ledger.ts";

const request = (more: Partial<EffectRequest>): EffectRequest => ({
  tool: "pay",
  effect: "keyed",
  session: "s1",
  answer: "first",
  ...more,
});

/** Results of requests made one after the other. */
function resultsOf(...requests: Partial<EffectRequest>[]): string[] {
  const ledger = new EffectLedger();
  return requests.map((one) => ledger.apply(request(one)).result);
}

describe("EffectLedger", () => {
  const key = "k1";
  it.each([
    ["a keyed effect is applied once per key", [{ key }, { key }], ["applied", "repeated"]],
    ["another key is another effect", [{ key }, { key: "k2" }], ["applied", "applied"]],
    ["a keyed effect without a key is applied each time", [{}, {}], ["applied", "applied"]],
    [
      "a plain effect knows no keys",
      [
        { effect: "plain", key },
        { effect: "plain", key },
      ],
      ["applied", "applied"],
    ],
    ["keys of two tools are apart", [{ key }, { key, tool: "send" }], ["applied", "applied"]],
    ["a key that two sessions share is one effect", [{ key }, { key, session: "s2" }], ["applied", "repeated"]],
    ["an older fence is refused", [{ fence: 2 }, { fence: 1 }], ["applied", "refused"]],
    [
      "the same or a newer fence is good",
      [{ fence: 2 }, { fence: 2 }, { fence: 3 }],
      ["applied", "applied", "applied"],
    ],
    ["fences of two sessions are apart", [{ fence: 2 }, { fence: 1, session: "s2" }], ["applied", "applied"]],
    [
      "an older fence is refused although its key is known",
      [
        { key, fence: 2 },
        { key, fence: 1 },
      ],
      ["applied", "refused"],
    ],
    [
      "a refused request does not use up its key",
      [{ fence: 2 }, { key, fence: 1 }, { key, fence: 2 }],
      ["applied", "refused", "applied"],
    ],
  ] satisfies [string, Partial<EffectRequest>[], string[]][])("%s", (_, requests, results) => {
    expect(resultsOf(...requests)).toEqual(results);
  });

  it("repeats the first answer, and refuses with 409", () => {
    const ledger = new EffectLedger();
    ledger.apply(request({ key: "k", fence: 5 }));
    expect(ledger.apply(request({ key: "k", fence: 5, answer: "second" }))).toMatchObject({
      status: 200,
      body: "first",
    });
    expect(ledger.apply(request({ fence: 4 })).status).toBe(409);
  });
});
