/** Claims that a campaign put to the test: what a short report tells of them. Leaves to others: verdicts (`harness/claims.ts`). */
import type { ClaimSummary } from "../harness/claims.ts";
import type { Summary } from "../harness/summary.ts";

/** Those with a verdict, decided or not, as the summary orders them. */
export function testedClaims({ claims = [] }: Summary): readonly ClaimSummary[] {
  return claims.filter(({ verdict }) => verdict !== "not tested");
}
