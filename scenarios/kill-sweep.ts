import type { ScenarioFile } from "../harness/scenario.ts";
import { atEveryStep, sweptCohorts } from "./scripts/step-sweep.ts";

export default {
  asks: "At which step of a turn does kill -9 cost a user turns, tokens or a doubled effect?",
  cohorts: sweptCohorts({ timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" }),
  phases: { warmupMs: 8_000, calmMs: 6_000, faultMs: 70_000, quietMs: 2_000 },
  faults: atEveryStep({ kind: "kill", role: "app" }),
  observe: { overhead: ["others"], recovery: ["others"] },
} satisfies ScenarioFile;
