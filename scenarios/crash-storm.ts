import { constant, exponential, uniform } from "../harness/random.ts";
import type { ScenarioFile, TurnScript } from "../harness/scenario.ts";
import { chat } from "./scripts/chat.ts";

/** A turn in which the session's own code breaks once, and would go well the second time. */
const crashing = (how: "throw" | "detached"): TurnScript => [
  { say: { firstTokenMs: constant(200), tokens: constant(1) }, call: { crash: { how } }, attempts: 1 },
  ...chat,
];

export default {
  asks: "When many sessions crash within a few seconds, what is left for the others?",
  needs: { localTools: ["crash"] },
  cohorts: {
    bystanders: {
      sessions: 1_872,
      turns: 8,
      thinkMs: exponential(25_000),
      script: chat,
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
    },
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
