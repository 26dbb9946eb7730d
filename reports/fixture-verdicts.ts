/** Made-up verdicts of checkers for the fixture summary. Used by tests only. */
import type { Verdict } from "../harness/checkers/checker.ts";

/** A verdict of one checker; true unless said otherwise. */
function fixtureVerdict(checker: string, claim: string, changes: Partial<Verdict> = {}): Verdict {
  return {
    checker,
    claim,
    result: true,
    reason: "no violation found",
    exposures: 11_871,
    violations: 0,
    evidence: [],
    ...changes,
  };
}

const KEPT = fixtureVerdict("C1", "Acknowledged turns are kept.");
const ECONOMY = fixtureVerdict("C7", "No completion is bought twice without need.");
const CLEAN = fixtureVerdict("C19", "The applied effect is the one in the transcript.", {
  result: "unknown",
  reason: "The runtime offers no read, so nothing shows its transcript.",
  exposures: 0,
});

/** Nothing was found. */
export const KEPT_VERDICTS: readonly Verdict[] = [
  KEPT,
  ECONOMY,
  fixtureVerdict("C18", "The model sees what was acknowledged."),
];

/** A runtime that forgot, and offers no read. */
export const FORGOTTEN_VERDICTS: readonly Verdict[] = [
  fixtureVerdict("C1", "Acknowledged turns are kept.", {
    result: false,
    reason: "5,212 acknowledged turns were forgotten",
    violations: 5212,
    evidence: [
      {
        witness: "world",
        index: 20_412,
        session: "s1a",
        turn: 4,
        says: "Turn 4 of s1a was asked without the links of turns 1 to 3.",
      },
      {
        witness: "world",
        index: 20_498,
        session: "s07",
        turn: 2,
        says: "Turn 2 of s07 was asked without the link of turn 1.",
      },
    ],
  }),
  ECONOMY,
  CLEAN,
];
