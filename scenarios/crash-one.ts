import { constant, exponential, uniform } from "../harness/random.ts";
import type { ScenarioFile, TurnScript } from "../harness/scenario.ts";
import { chat } from "./scripts/chat.ts";

/** A turn in which the session's own code breaks once, and would go well the second time. */
const crashing = (how: "throw" | "detached"): TurnScript => [
  { say: { firstTokenMs: constant(200), tokens: constant(1) }, call: { crash: { how } }, attempts: 1 },
  ...chat,
];

export default {
  asks: "When the code of one session crashes, who else loses a turn?",
  needs: { localTools: ["crash"] },
  cohorts: {
    bystanders: {
      sessions: 1_970,
      turns: 8,
      thinkMs: exponential(25_000),
      script: chat,
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
    },
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
