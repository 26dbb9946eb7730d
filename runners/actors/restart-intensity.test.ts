import { expect, it } from "vitest";
import { RestartIntensity } from "./restart-intensity.ts";

it.each([
  { what: "allows as many restarts as the limit says", atMs: [0, 1, 2], allowed: [true, true, true] },
  { what: "refuses one more within the window", atMs: [0, 1, 2, 99], allowed: [true, true, true, false] },
  {
    what: "forgets restarts that are older than the window",
    atMs: [0, 1, 2, 101, 102],
    allowed: [true, true, true, true, true],
  },
  { what: "counts a refused restart too", atMs: [0, 50, 60, 70, 149], allowed: [true, true, true, false, false] },
])("a restart intensity $what", ({ atMs, allowed }) => {
  const intensity = new RestartIntensity({ restarts: 3, withinMs: 100 });
  expect(atMs.map((now) => intensity.allows(now))).toEqual(allowed);
});
