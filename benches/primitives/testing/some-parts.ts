/** Measures the parts named in its arguments for half a second each and writes the figures to its output as JSON. For tests. */
import { PART_RUNS } from "../costs.ts";
import { PacedWorld } from "../paced-world.ts";
import { measureParts } from "../part-runner.ts";

const names = process.argv.slice(2);
const world = await PacedWorld.start();
try {
  const runs = PART_RUNS.filter(({ name }) => names.includes(name));
  const figures = await measureParts(runs, world, { warmUpMs: 1_500, lengthMs: 500 });
  process.stdout.write(JSON.stringify(Object.fromEntries(figures)));
} finally {
  await world.close();
}
