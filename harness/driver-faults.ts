/** Faults that the driver itself puts in force: who asks for the turns of a session, and how often. A cohort's settings name them. */
import type { Cohort, Scenario } from "./scenario.ts";

/** What can be said of such a fault without running it. */
export interface DriverFault {
  /** What happens, in one sentence. */
  readonly about: string;
  /** How its landing is proved, in one sentence. */
  readonly provedBy: string;
  /** Whether a cohort meets it. */
  readonly isMetBy: (cohort: Pick<Cohort, "duplicates" | "twoClients">) => boolean;
}

const ANSWERED =
  "The driver's history has an answer of the runtime, whatever its status, to a second delivery (`c: 2`).";

/** All of them by the names that catalogue and summary use. */
export const DRIVER_FAULTS: Readonly<Record<string, DriverFault>> = {
  "duplicate-delivery": {
    about:
      "A turn is delivered a second time, on another connection, while it is worked on or after its answer was read (a cohort's `duplicates`).",
    provedBy: ANSWERED,
    isMetBy: ({ duplicates }) => duplicates !== undefined,
  },
  "two-clients": {
    about: "A second client of the same session sends the next turn while one runs (a cohort's `twoClients`).",
    provedBy: ANSWERED,
    isMetBy: ({ twoClients }) => twoClients !== undefined,
  },
};

/** Which cohorts of a scenario meet which of them. */
export function driverFaultsOf({
  cohorts,
}: Pick<Scenario, "cohorts">): { readonly kind: string; readonly cohort: string }[] {
  return Object.entries(DRIVER_FAULTS).flatMap(([kind, { isMetBy }]) =>
    Object.keys(cohorts).flatMap((cohort) => {
      const habits = cohorts[cohort];
      return habits !== undefined && isMetBy(habits) ? [{ kind, cohort }] : [];
    }),
  );
}
