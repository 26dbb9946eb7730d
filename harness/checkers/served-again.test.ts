import { expect, test } from "vitest";
import { type ProcessChange, servedAgainMs } from "./served-again.ts";

const ready = (t: number, i: number, replica = 0): ProcessChange => ({ e: "ready", t, process: "server", replica, i });
const exit = (t: number, i: number, replica = 0): ProcessChange => ({
  e: "exit",
  t,
  process: "server",
  replica,
  i,
  code: null,
  signal: "SIGKILL",
  expected: true,
});

test("a process that stood alone is served again when its next start is ready", () => {
  const changes = [ready(1, 1), exit(10, 1), { ...ready(11, 5), process: "engine" }, ready(15, 2)];
  expect(servedAgainMs(changes, 1)).toBe(15);
  expect(servedAgainMs(changes.slice(0, 3), 1)).toBeNull();
});

test("an owner that another one has replaced is not missed, whichever of them ends", () => {
  expect(servedAgainMs([ready(1, 1), ready(8, 2, 1), exit(10, 1)], 2)).toBe(10);
  expect(servedAgainMs([ready(1, 1), ready(8, 2), exit(10, 1)], 2)).toBe(10);
  expect(servedAgainMs([ready(1, 1), ready(8, 2, 1), exit(10, 2, 1)], 2)).toBe(10);
});

test("a copy that had ended before helps nobody", () => {
  expect(servedAgainMs([ready(1, 1), ready(2, 2, 1), exit(5, 2, 1), exit(10, 1), ready(20, 3)], 3)).toBe(20);
});
