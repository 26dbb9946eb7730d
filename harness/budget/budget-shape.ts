/** What `budget` of a runner.json may hold. */
import type { Shape } from "../shape.ts";
import { PARTS, PER } from "./parts.ts";

/** Notes every part, unit or count that makes no sense. */
export function checkBudget(file: Shape): void {
  if (file.value.budget === undefined) return;
  const budget = file.child("budget");
  budget?.keys(Object.keys(PARTS));
  for (const part of Object.keys(budget?.value ?? {})) {
    if (!Object.hasOwn(PARTS, part)) continue;
    const terms = budget?.child(part);
    terms?.keys(Object.keys(PER));
    for (const per of Object.keys(PER)) terms?.number(per, 0, 1000, "optional");
  }
}
