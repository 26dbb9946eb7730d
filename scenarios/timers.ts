import { constant, uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chatting } from "./scripts/chat.ts";

export default {
  asks: "Do agents that wait on a timer wake up in time when the process died meanwhile?",
  needs: { localTools: ["sleep"] },
  cohorts: {
    chatting: { ...chatting, sessions: 1_500 },
    waiting: {
      like: "chatting",
      sessions: 500,
      script: [
        { say: { firstTokenMs: constant(200), tokens: constant(1) }, call: { sleep: { ms: uniform(3_000, 6_000) } } },
        { say: { firstTokenMs: constant(200), tokens: constant(20) } },
      ],
    },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 18_000, quietMs: 3_000 },
  faults: [{ kind: "kill", role: "app", atMs: [500, 9_500], restartAfterMs: 1_000 }],
  observe: { overhead: ["chatting"], recovery: ["waiting"] },
} satisfies ScenarioFile;
