import { exponential } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chat } from "./scripts/chat.ts";

export default {
  asks: "What does a turn cost beyond its script when nothing goes wrong?",
  cohorts: {
    everyone: {
      sessions: 2_000,
      turns: 8,
      thinkMs: exponential(25_000),
      script: chat,
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
    },
  },
  phases: { warmupMs: 8_000, calmMs: 27_000, faultMs: 0, quietMs: 1_000 },
  observe: { overhead: ["everyone"] },
} satisfies ScenarioFile;
