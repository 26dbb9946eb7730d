import { expect, test } from "vitest";
import { TrialError } from "../errors.ts";
import type { Child } from "./child.ts";
import { type Pause, pauseAll } from "./pause.ts";

const child = (pause?: () => Promise<Pause>): Child => ({
  pid: 1,
  startTime: "1",
  exited: new Promise(() => undefined),
  kill: () => undefined,
  ...(pause !== undefined && { pause }),
});

test("processes of which one lives in nothing that can be paused are left to signals", () => {
  expect(pauseAll([])).toBeNull();
  const pausable = child(() => expect.unreachable("one alone must not be paused"));
  expect(pauseAll([pausable, child()])).toBeNull();
});

test("all are paused and go on together, and each says how it is known", async () => {
  const still = new Set<string>();
  const named = (name: string): Child =>
    child(async () => {
      still.add(name);
      return { proof: `${name} stands.`, end: async () => void still.delete(name) };
    });
  const pause = await pauseAll([named("one"), named("two")]);
  expect(pause?.proof).toBe("one stands. two stands.");
  expect(still.size).toBe(2);
  await pause?.end();
  expect(still.size).toBe(0);
});

test("where one cannot be paused the others go on at once", async () => {
  let stands = false;
  const willing = child(async () => {
    stands = true;
    return {
      proof: "",
      end: async () => {
        stands = false;
      },
    };
  });
  const unwilling = child(() => Promise.reject(new TrialError("It is gone.")));
  await expect(pauseAll([willing, unwilling])).rejects.toThrow("It is gone.");
  expect(stands).toBe(false);
});
