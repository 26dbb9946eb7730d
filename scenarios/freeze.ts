import { exponential } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";
import { chat, chatPlain } from "./scripts/chat.ts";

/** Longer than clients wait for an answer, and than a lease that is renewed every few seconds. */
const forMs = 8_000;

export default {
  asks: "What happens to conversations when the process stops for longer than any lease?",
  cohorts: {
    eager: {
      sessions: 1_700,
      turns: 8,
      thinkMs: exponential(25_000),
      script: chat,
      client: { timeoutMs: 6_000, deadlineMs: 60_000, retry: "eager" },
    },
    mailers: { like: "eager", sessions: 150, script: chatPlain },
    patient: { like: "eager", sessions: 150, client: { timeoutMs: 15_000, retry: "patient" } },
  },
  phases: { warmupMs: 8_000, calmMs: 9_000, faultMs: 24_000, quietMs: 3_000 },
  faults: [{ kind: "freeze", role: "app", atMs: [500, 12_500], with: { forMs } }],
  observe: { overhead: ["eager"], recovery: ["eager", "mailers", "patient"] },
} satisfies ScenarioFile;
