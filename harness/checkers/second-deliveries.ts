/**
 * Second deliveries: turns that somebody else than the session's own client sent, and whether the runtime took notice. That is the
 * proof that the faults "duplicate-delivery" and "two-clients" landed: an answer of whatever status came back for one.
 */
import type { Cohort } from "../scenario.ts";
import type { Attempt, HistoryIndex } from "./history-index.ts";

/** Second deliveries of one cohort. */
export interface SecondDeliveries {
  readonly cohort: string;
  readonly sent: number;
  /** Of them those that were read by the runtime, whatever it said. */
  readonly answered: number;
}

/** A connection that was refused or broke says nothing of whether the request was read. */
function wasAnswered({ ended }: Attempt): boolean {
  if (ended === null) return false;
  const { event } = ended;
  return event.e === "ok" || event.e === "failed" || event.why.startsWith("status ");
}

/** One row for each cohort that has second clients, in the order of the scenario. */
export function secondDeliveries(
  index: HistoryIndex,
  cohorts: Readonly<Record<string, Pick<Cohort, "duplicates" | "twoClients">>>,
): SecondDeliveries[] {
  return Object.entries(cohorts).flatMap(([name, { duplicates, twoClients }]) => {
    if ((duplicates ?? twoClients) === undefined) return [];
    const own = index.sessions.filter(({ cohort }) => cohort === name);
    const attempts = own.flatMap(({ turns }) => turns.flatMap(({ others }) => others));
    return { cohort: name, sent: attempts.length, answered: attempts.filter(wasAnswered).length };
  });
}
