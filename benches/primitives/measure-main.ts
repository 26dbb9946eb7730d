/**
 * Measures all parts once, in a process that keeps to the harness's cores and ends with its measuring. Writes milliseconds of CPU per
 * part to its output as JSON.
 */
import { round } from "../../harness/statistics/round.ts";
import { costsOf, PART_RUNS } from "./costs.ts";
import { measureHop } from "./hop.ts";
import { PacedWorld } from "./paced-world.ts";
import { AGE, measureParts } from "./part-runner.ts";

/** Argument: length of each measurement in milliseconds, and of its warm-up; the default is that of a short trial. */
const [lengthMs = AGE.lengthMs, warmUpMs = AGE.warmUpMs] = process.argv.slice(2).map(Number);
const world = await PacedWorld.start();
try {
  const roundTripMs = await measureHop();
  const costs = costsOf(await measureParts(PART_RUNS, world, { lengthMs, warmUpMs }));
  process.stdout.write(
    JSON.stringify({ ...costs, roundTripMs }, (_, value) => (typeof value === "number" ? round(value, 5) : value)),
  );
} finally {
  await world.close();
}
