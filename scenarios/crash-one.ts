import { uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chat, chatting, crashing } from "./scripts/chat.ts";

export default {
  asks: "When the code of one session crashes, who else loses a turn?",
  needs: { localTools: ["crash"] },
  cohorts: {
    bystanders: { ...chatting, sessions: 1_970 },
    throwing: {
      like: "bystanders",
      sessions: 24,
      turns: 3,
      startsIn: "fault",
      thinkMs: uniform(1_000, 8_000),
      script: { default: chat, turn2: crashing("throw") },
    },
    detached: { like: "throwing", sessions: 6, script: { default: chat, turn2: crashing("detached") } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 18_000, quietMs: 3_000 },
  observe: { overhead: ["bystanders"], bystanders: ["bystanders"], recovery: ["throwing", "detached"] },
} satisfies ScenarioFile;
