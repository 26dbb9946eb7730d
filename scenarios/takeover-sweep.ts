import type { ScenarioFile } from "../harness/scenario.ts";
import { atEveryStep, sweptCohorts } from "./scripts/step-sweep.ts";

export default {
  asks: "At which step of a turn does an owner that wakes up after another has taken over still do harm?",
  // Clients ask the second owner while the first is frozen.
  cohorts: sweptCohorts({ timeoutMs: 2_500, deadlineMs: 60_000, retry: "eager" }),
  phases: { warmupMs: 8_000, calmMs: 6_000, faultMs: 100_000, quietMs: 2_000 },
  faults: atEveryStep({ kind: "takeover", role: "app", with: { forMs: 4_000, zombieMs: 1_000 } }),
  observe: { overhead: ["others"], recovery: ["others"] },
} satisfies ScenarioFile;
