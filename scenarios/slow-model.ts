import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "When the way to the model is long, narrow or broken, which turns wait, and which are bought again?",
  cohorts: {
    eager: { ...chatting, sessions: 1_850 },
    silent: { like: "eager", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 38_000, quietMs: 3_000 },
  faults: [
    { kind: "latency", atMs: [500], with: { path: "model", ms: 300, forMs: 4_000 } },
    { kind: "bandwidth", atMs: [8_000], with: { path: "model", bytesPerSecond: 200_000, forMs: 4_000 } },
    { kind: "half-open", atMs: [16_000], with: { path: "model", forMs: 8_000 } },
    { kind: "reset", atMs: [31_000], with: { path: "model" } },
  ],
  observe: { overhead: ["eager"], recovery: ["eager", "silent"] },
} satisfies ScenarioFile;
