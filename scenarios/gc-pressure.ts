import { constant, uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "When a few sessions hold and replace much memory, who else waits for the collector?",
  needs: { localTools: ["hold_memory"] },
  cohorts: {
    bystanders: { ...chatting, sessions: 1_980 },
    holders: {
      like: "bystanders",
      sessions: 20,
      turns: 40,
      startsIn: "fault",
      thinkMs: uniform(1_100, 2_100),
      script: [
        {
          say: { firstTokenMs: constant(200), tokens: constant(1) },
          call: { hold_memory: { seed: { pool: 8 }, bytes: { memoryShare: 0.12 } } },
        },
        { say: { firstTokenMs: constant(200), tokens: constant(20) } },
      ],
    },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 28_000, quietMs: 2_000 },
  observe: { overhead: ["bystanders"], bystanders: ["bystanders"], exercise: "gc" },
} satisfies ScenarioFile;
