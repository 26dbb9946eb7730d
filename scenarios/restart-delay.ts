import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "How much of a recovery is the wait for a new process, and how much is the runtime's own?",
  cohorts: {
    eager: { ...chatting, sessions: 1_850 },
    silent: { like: "eager", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 34_000, quietMs: 3_000 },
  // How quickly an orchestrator notices, and how long it waits before it starts a process that died again.
  faults: [
    { kind: "kill", role: "app", atMs: [500], restartAfterMs: 0 },
    { kind: "kill", role: "app", atMs: [8_000], restartAfterMs: 2_000 },
    { kind: "kill", role: "app", atMs: [17_000], restartAfterMs: 10_000 },
  ],
  observe: { overhead: ["eager"], recovery: ["eager"] },
} satisfies ScenarioFile;
