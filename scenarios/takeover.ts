import { exponential } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chat, chatPlain } from "./scripts/chat.ts";

export default {
  asks: "When a frozen owner wakes up after another has taken over, what does it still do?",
  cohorts: {
    eager: {
      sessions: 1_800,
      turns: 8,
      thinkMs: exponential(25_000),
      script: chat,
      // Shorter than the freeze, so that clients ask the second owner for what the first had begun.
      client: { timeoutMs: 5_000, deadlineMs: 60_000, retry: "eager" },
    },
    mailers: { like: "eager", sessions: 200, script: chatPlain },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 24_000, quietMs: 3_000 },
  faults: [{ kind: "takeover", role: "app", atMs: [500, 12_500], with: { forMs: 8_000, zombieMs: 3_000 } }],
  observe: { overhead: ["eager"], recovery: ["eager", "mailers"] },
} satisfies ScenarioFile;
