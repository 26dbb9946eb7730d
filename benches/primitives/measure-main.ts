/**
 * Measures all parts once, or the yardstick alone, in a process that keeps to the harness's cores and ends with its measuring. Writes
 * milliseconds of CPU to its output as JSON.
 */
import { round } from "../../harness/statistics/round.ts";
import { costsOf, PART_RUNS, YARDSTICK, yardstickMs } from "./costs.ts";
import { measureHop } from "./hop.ts";
import { PacedWorld } from "./paced-world.ts";
import { AGE, measureParts } from "./part-runner.ts";

/** Short, since it is measured before and after each trial: about as old as a trial is in its warm-up. */
const YARDSTICK_AGE = { warmUpMs: 4_000, lengthMs: 10_000 };

/** Arguments: "yardstick" or "parts", and of the parts the length of each measurement in milliseconds, and of its warm-up. */
const [what, ...ages] = process.argv.slice(2);
const [lengthMs = AGE.lengthMs, warmUpMs = AGE.warmUpMs] = ages.map(Number);
const world = await PacedWorld.start();

async function yardstick(): Promise<number> {
  const figures = (await measureParts([YARDSTICK], world, YARDSTICK_AGE)).get(YARDSTICK.name);
  return figures === undefined ? Number.NaN : yardstickMs(figures);
}

async function measured(): Promise<object> {
  if (what === "yardstick") return { yardstickMs: await yardstick() };
  const roundTripMs = await measureHop();
  const half = Math.ceil(PART_RUNS.length / 2);
  const age = { lengthMs, warmUpMs };
  const before = await yardstick();
  const first = await measureParts(PART_RUNS.slice(0, half), world, age);
  const between = await yardstick();
  const second = await measureParts(PART_RUNS.slice(half), world, age);
  const after = await yardstick();
  return {
    ...costsOf(new Map([...first, ...second])),
    roundTripMs,
    yardstickMs: (before + 2 * between + after) / 4,
  };
}

try {
  process.stdout.write(
    JSON.stringify(await measured(), (_, value) => (typeof value === "number" ? round(value, 5) : value)),
  );
} finally {
  await world.close();
}
