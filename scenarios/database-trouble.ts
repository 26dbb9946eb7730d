import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "When the database is far away, cut off, frozen or out of space, what does a client see, and what is left afterwards?",
  cohorts: {
    eager: { ...chatting, sessions: 2_000 },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 40_000, quietMs: 3_000 },
  faults: [
    { kind: "postgres-slow", atMs: [500], with: { ms: 20, forMs: 4_000 } },
    { kind: "postgres-partition", atMs: [8_000], with: { forMs: 4_000 } },
    { kind: "postgres-freeze", atMs: [16_000], with: { forMs: 4_000 } },
    { kind: "postgres-restart", atMs: [24_000] },
    { kind: "postgres-full", atMs: [32_000], with: { forMs: 3_000 } },
  ],
  observe: { overhead: ["eager"], recovery: ["eager"] },
} satisfies ScenarioFile;
