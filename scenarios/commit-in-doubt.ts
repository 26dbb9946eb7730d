import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

/** Where a commit takes a millisecond, a kill hardly ever falls between an answer and its commit; here it takes two hundred. */
export default {
  asks: "Is a turn acknowledged before it is kept?",
  cohorts: {
    eager: { ...chatting, sessions: 2_000 },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 12_000, quietMs: 3_000 },
  faults: [{ kind: "kill", role: "app", atMs: [500, 6_500], with: { databaseMs: 100 } }],
  observe: { overhead: ["eager"], recovery: ["eager"] },
} satisfies ScenarioFile;
