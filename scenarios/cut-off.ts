import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "When clients, model or tools are cut off for a while, who finds out, and what is done twice?",
  cohorts: {
    eager: { ...chatting, sessions: 1_850 },
    silent: { like: "eager", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 38_000, quietMs: 3_000 },
  faults: [
    { kind: "partition", atMs: [500], with: { path: "tools", forMs: 4_000 } },
    { kind: "partition", atMs: [8_000], with: { path: "model", forMs: 4_000 } },
    { kind: "partition", atMs: [16_000], with: { path: "client", forMs: 4_000 } },
    { kind: "partition", atMs: [24_000], with: { path: "tools", how: "refused", forMs: 2_000 } },
    { kind: "slow-close", atMs: [31_000], with: { path: "client", ms: 2_000, forMs: 4_000 } },
  ],
  observe: { overhead: ["eager"], recovery: ["eager", "silent"] },
} satisfies ScenarioFile;
