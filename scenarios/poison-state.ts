import { constant, uniform } from "../harness/random.ts";
import type { ScenarioFile, TurnScript } from "../harness/scenario.ts";
import { chat, chatting } from "./scripts/chat.ts";

/** A turn that leaves something in the session's state that breaks the code that loads it, so many times. */
const planting = (how: "throw" | "detached", times: number): TurnScript => [
  {
    say: { firstTokenMs: constant(200), tokens: constant(1) },
    call: { crash: { how, when: "load" } },
    attempts: times,
  },
  ...chat,
];

export default {
  asks: "When the state of a few sessions crashes whoever loads it, who else has to wait?",
  needs: { localTools: ["crash"] },
  cohorts: {
    bystanders: { ...chatting, sessions: 1_966 },
    poisoned: {
      like: "bystanders",
      sessions: 30,
      turns: 6,
      startsIn: "fault",
      thinkMs: uniform(1_000, 4_000),
      script: { default: chat, turn1: planting("throw", 3) },
    },
    lethal: { like: "poisoned", sessions: 4, script: { default: chat, turn1: planting("detached", 2) } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 22_000, quietMs: 3_000 },
  // Where nothing is ever loaded, nothing crashes: then the trial says so.
  faults: [{ kind: "kill", role: "app", atMs: [7_000] }],
  observe: { overhead: ["bystanders"], bystanders: ["bystanders"], recovery: ["poisoned", "lethal"] },
} satisfies ScenarioFile;
