import { describe, expect, test } from "vitest";
import type { ClientPolicy } from "../scenario.ts";
import { nextAttemptMs, type Setback } from "./retry.ts";

const eager: ClientPolicy = { retry: "eager", timeoutMs: 5000, deadlineMs: 20_000 };
const patient: ClientPolicy = { ...eager, retry: "patient" };
const never: ClientPolicy = { ...eager, retry: "never" };
const first: Setback = { startedMs: 1000, endedMs: 1010, inARow: 1, late: false, retryAfterMs: undefined };

describe("the next attempt", () => {
  test.each<[string, ClientPolicy, Setback, number, number | null]>([
    ["eager begins with 100 ms at least", eager, first, 0, 1110],
    ["eager begins with 300 ms at most", eager, first, 1, 1310],
    ["eager doubles", eager, { ...first, inARow: 2 }, 0.5, 1410],
    ["eager doubles again", eager, { ...first, inARow: 3 }, 0.5, 1810],
    ["eager never pauses longer than 2 s", eager, { ...first, inARow: 5000 }, 0, 3010],
    ["eager obeys a longer Retry-After", eager, { ...first, retryAfterMs: 4000 }, 0.5, 5010],
    ["eager does not hurry for a shorter one", eager, { ...first, retryAfterMs: 0 }, 0.5, 1210],
    ["patient waits until its whole timeout has passed", patient, first, 0.5, 6000],
    ["patient goes on at once after a timeout", patient, { ...first, endedMs: 6000 }, 0.5, 6000],
    ["patient obeys a longer Retry-After", patient, { ...first, retryAfterMs: 9000 }, 0.5, 10_010],
    ["never does not", never, first, 0.5, null],
    ["a late turn is asked for every 2 s", eager, { ...first, late: true }, 0.5, 3010],
    ["a late turn of a patient client, too", patient, { ...first, late: true }, 0.5, 3010],
    ["a late turn of a client that never asks is not", never, { ...first, late: true }, 0.5, null],
  ])("%s", (_, client, setback, random, expected) => {
    expect(nextAttemptMs(client, setback, () => random)).toBe(expected);
  });
});
