import type { ScenarioFile } from "../harness/scenario.ts";
import { atEveryStep, sweptCohorts } from "./scripts/step-sweep.ts";

export default {
  asks: "At which step of a turn does a pause of the whole process cost a user anything but time?",
  // Clients ask again before the pause is over: what they asked first is still there when it is.
  cohorts: sweptCohorts({ timeoutMs: 2_500, deadlineMs: 60_000, retry: "eager" }),
  phases: { warmupMs: 8_000, calmMs: 6_000, faultMs: 85_000, quietMs: 2_000 },
  faults: atEveryStep({ kind: "freeze", role: "app", with: { forMs: 3_000 } }),
  observe: { overhead: ["others"], recovery: ["others"] },
} satisfies ScenarioFile;
