import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "What does a turn cost beyond its script when nothing goes wrong?",
  cohorts: {
    everyone: { ...chatting, sessions: 2_000 },
  },
  phases: { warmupMs: 8_000, calmMs: 27_000, faultMs: 0, quietMs: 1_000 },
  observe: { overhead: ["everyone"] },
} satisfies ScenarioFile;
