import { exponential, lognormal, uniform } from "../harness/random.ts";
import type { ModelStep, ScenarioFile, StepFault } from "../harness/scenario.ts";

const answer = (fault?: StepFault): ModelStep => ({
  say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(30, 80) },
  ...(fault && { fault }),
});

/** No tools, and nothing that has to be started or killed: what can be asked of a chat backend that is running already. */
export default {
  asks: "What does a chat backend add to its model, and what becomes of a turn when the model stumbles?",
  cohorts: {
    talkers: {
      sessions: 1_600,
      turns: 8,
      thinkMs: exponential(25_000),
      script: [answer()],
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager", streams: true },
    },
    limited: {
      like: "talkers",
      sessions: 200,
      script: [answer({ kind: "status", share: 0.5, with: { status: 429, retryAfterSeconds: 1 } })],
    },
    cut: { like: "talkers", sessions: 200, script: [answer({ kind: "cut", share: 0.5, with: { tokens: 5 } })] },
  },
  phases: { warmupMs: 8_000, calmMs: 27_000, faultMs: 0, quietMs: 2_000 },
  observe: { overhead: ["talkers"] },
} satisfies ScenarioFile;
