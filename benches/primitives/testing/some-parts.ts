/** Measures the parts named in its arguments for a few seconds each and writes the figures to its output as JSON. For tests. */
import { PART_RUNS } from "../costs.ts";
import { PacedWorld } from "../paced-world.ts";
import { measureParts } from "../part-runner.ts";

const names = process.argv.slice(2);
const world = await PacedWorld.start();
try {
  const runs = PART_RUNS.filter(({ name }) => names.includes(name));
  const figures = await measureParts(runs, world, { warmUpMs: 1_600, lengthMs: 3_200 });
  process.stdout.write(JSON.stringify(Object.fromEntries(figures)));
} finally {
  await world.close();
}
