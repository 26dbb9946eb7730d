import { uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chat, chatting, crashing } from "./scripts/chat.ts";

export default {
  asks: "When many sessions crash within a few seconds, what is left for the others?",
  needs: { localTools: ["crash"] },
  cohorts: {
    bystanders: { ...chatting, sessions: 1_872 },
    // They begin within 4 s of the fault phase, and think for 2 s at most before their second turns: 128 crashes in some 5 s.
    throwing: {
      like: "bystanders",
      sessions: 116,
      turns: 8,
      startsIn: "fault",
      thinkMs: uniform(500, 2_000),
      script: { default: chat, turn2: crashing("throw") },
    },
    detached: { like: "throwing", sessions: 12, script: { default: chat, turn2: crashing("detached") } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 20_000, quietMs: 3_000 },
  observe: { overhead: ["bystanders"], bystanders: ["bystanders"], recovery: ["throwing", "detached"] },
} satisfies ScenarioFile;
