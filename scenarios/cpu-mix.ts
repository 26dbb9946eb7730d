import { constant, uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "When a few sessions parse and embed, who else waits?",
  needs: { localTools: ["parse_document", "search_memory"] },
  cohorts: {
    bystanders: { ...chatting, sessions: 1_960 },
    hogs: {
      like: "bystanders",
      sessions: 40,
      turns: 20,
      startsIn: "fault",
      thinkMs: uniform(6_000, 10_000),
      script: [
        {
          say: { firstTokenMs: constant(200), tokens: constant(1) },
          call: { parse_document: { seed: { pool: 8 }, kilobytes: 800 } },
        },
        {
          say: { firstTokenMs: constant(200), tokens: constant(1) },
          call: { search_memory: { seed: { pool: 8 }, vectors: 20_000, dimensions: 256, top: 10 } },
        },
        { say: { firstTokenMs: constant(200), tokens: constant(20) } },
      ],
    },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 18_000, quietMs: 2_000 },
  observe: { overhead: ["bystanders"], bystanders: ["bystanders"] },
} satisfies ScenarioFile;
