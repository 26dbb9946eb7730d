import { constant, uniform } from "../harness/random.ts";
import type { ScenarioFile, TurnScript } from "../harness/scenario.ts";
import { chat, chatting } from "./scripts/chat.ts";

/** A turn that breaks its code every time it is tried, until it has done so often enough that a careful runtime has given it up. */
const poisoned = (how: "throw" | "detached", times: number): TurnScript => [
  { say: { firstTokenMs: constant(200), tokens: constant(1) }, call: { crash: { how } }, attempts: times },
  ...chat,
];

export default {
  asks: "When the same turn crashes again and again, does anybody but its session suffer, and does it end?",
  needs: { localTools: ["crash"] },
  cohorts: {
    bystanders: { ...chatting, sessions: 1_974 },
    poisoned: {
      like: "bystanders",
      sessions: 24,
      turns: 3,
      startsIn: "fault",
      thinkMs: uniform(1_000, 4_000),
      script: { default: chat, turn2: poisoned("throw", 8) },
    },
    lethal: { like: "poisoned", sessions: 2, script: { default: chat, turn2: poisoned("detached", 4) } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 22_000, quietMs: 3_000 },
  observe: { overhead: ["bystanders"], bystanders: ["bystanders"], recovery: ["poisoned", "lethal"] },
} satisfies ScenarioFile;
