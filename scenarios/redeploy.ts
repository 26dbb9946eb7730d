import type { ScenarioFile } from "../harness/scenario.ts";
import { chatPlain, chatting } from "./scripts/chat.ts";

const graceMs = 5_000;

export default {
  asks: "What do conversations notice when version 2 replaces version 1, and back again?",
  cohorts: {
    eager: { ...chatting, sessions: 1_700 },
    mailers: { like: "eager", sessions: 150, script: chatPlain },
    silent: { like: "eager", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 20_000, quietMs: 3_000 },
  faults: [
    { kind: "redeploy", role: "app", atMs: [500, 14_500], with: { graceMs } },
    { kind: "redeploy", role: "app", atMs: [7_500], with: { graceMs, version: 1 } },
  ],
  observe: { overhead: ["eager"], recovery: ["eager", "mailers"] },
} satisfies ScenarioFile;
