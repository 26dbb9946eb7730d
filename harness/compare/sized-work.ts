/** What the sides of a comparison were asked for, where calls of local tools take equal time instead of being equal work. */

import type { ScenarioSummary } from "../summary.ts";
import type { LocalWork } from "../trial.ts";

/** A scenario and the runner of it that is compared. */
export interface Side {
  readonly scenario: ScenarioSummary;
  readonly runner: string;
}

const workOf = ({ scenario, runner }: Side): readonly LocalWork[] =>
  scenario.localWork?.find((one) => one.runner === runner)?.calls ?? [];

const wanted = (side: Side): string[] => workOf(side).map(({ tool, wantedMs }) => `${tool} ${wantedMs} ms`);

/** A sentence when calls were to take another time on the other side. */
export function otherTime(a: Side, b: Side): string | null {
  const [ofA, ofB] = [wanted(a), wanted(b)].map((calls) => calls.join(", ") || "of a size of their own");
  return ofA === ofB
    ? null
    : `Calls of local tools were to take another time on the other side: ${ofA} against ${ofB}.`;
}

/** A sentence when both sides spent the same time on other work. */
export function unequalSizes(a: Side, b: Side): string[] {
  const others = workOf(b);
  const differing = workOf(a).flatMap(({ tool, argument, size }, index) => {
    const other = others[index]?.size;
    return other === undefined || other === size ? [] : [`${tool} ${argument} ${size} against ${other}`];
  });
  if (differing.length === 0) return [];
  return [
    `${a.scenario.scenario}: calls take equal time on both sides, and so are not the same work: ${differing.join(", ")}.`,
  ];
}
