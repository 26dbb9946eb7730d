/** Made-up claims about the runners of the fixture summary: one that holds, one that nobody could test. Used by tests only. */
import type { Claim } from "../harness/claims.ts";

export const FIXTURE_CLAIMS: readonly Claim[] = [
  {
    id: "memory-dies",
    says: "What is only in memory is gone after a kill.",
    who: "everybody",
    source: "https://example.org/talk",
    tests: [{ runners: ["memo"], scenario: "strike", figure: "conversations forgotten", is: "at least", value: 1 }],
  },
  {
    id: "nobody-knows",
    says: "<b>Bold</b> claims are true.",
    who: "somebody",
    source: "javascript:alert(1)",
    tests: [{ runners: ["bold"], scenario: "strike", figure: "conversations forgotten", is: "at most", value: 0 }],
  },
];
