/** Heal: nothing new is offered; it is over when nothing is pending, or nothing has moved for a while, at the latest after a limit. */
import type { Clock } from "../clock.ts";
import type { Conditions } from "./waiting.ts";

const HEAL_STILL_MS = 5_000;
const HEAL_LIMIT_MS = 30_000;

/** Where the load stands, as the driver last told. */
type Load = () => { readonly pending: number; readonly acknowledged: number };

/** Resolves when the load has healed as far as it will. */
export async function untilHealed(load: Load, conditions: Conditions, clock: Clock): Promise<void> {
  const lastMs = clock() + HEAL_LIMIT_MS;
  let acknowledged = -1;
  while (load().pending > 0 && clock() < lastMs && acknowledged !== load().acknowledged) {
    acknowledged = load().acknowledged;
    await conditions.until(() => load().pending === 0, HEAL_STILL_MS);
  }
}
