/** Checks what a scenario says of equal time, once its scripts are known to be right in themselves. */
import { SIZES } from "./local-timing.ts";
import { type Cohort, SIZED_TOOLS } from "./scenario.ts";
import { type Problems, Shape } from "./shape.ts";
import { localCallsOf } from "./world/script.ts";

/** Longer calls would outlast the deadlines of clients. */
const MOST_MS = 60_000;

export function checkEqualTime(given: unknown, cohorts: Readonly<Record<string, Cohort>>, problems: Problems): void {
  if (given === undefined) return;
  const shape = Shape.of(given, problems, "equalTimeMs");
  if (shape === undefined) return;
  shape.keys(SIZED_TOOLS);
  for (const tool of SIZED_TOOLS.filter((one) => shape.value[one] !== undefined)) {
    shape.number(tool, 1, MOST_MS);
    const { rowsOf } = SIZES[tool];
    const called = Object.values(cohorts)
      .flatMap(localCallsOf)
      .filter(([name]) => name === tool);
    if (called.length === 0) shape.says(`equalTimeMs.${tool}: no cohort calls it.`);
    if (called.some(([, args]) => "document" in args))
      shape.says(`equalTimeMs.${tool}: a document that is given as text has no size to be set; give a seed.`);
    if (rowsOf !== undefined && called.some(([, args]) => typeof args[rowsOf] !== "number"))
      shape.says(`equalTimeMs.${tool}: its calls need ${rowsOf} as a number.`);
  }
}
