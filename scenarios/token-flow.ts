import { constant, exponential, lognormal, uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";

export default {
  asks: "Do tokens keep flowing to those who read along while a few sessions burn CPU?",
  needs: { localTools: ["burn_cpu"] },
  cohorts: {
    readers: {
      sessions: 980,
      turns: 8,
      thinkMs: exponential(25_000),
      script: [{ say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(15, 40), tokensPerSecond: 20 } }],
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager", streams: true },
    },
    hogs: {
      like: "readers",
      sessions: 20,
      turns: 20,
      startsIn: "fault",
      thinkMs: uniform(7_000, 11_000),
      client: { streams: false },
      script: [
        {
          say: { firstTokenMs: constant(200), tokens: constant(1) },
          call: { burn_cpu: { seed: { pool: 8 }, rounds: 15_000_000 } },
        },
        { say: { firstTokenMs: constant(200), tokens: constant(10) } },
      ],
    },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 18_000, quietMs: 1_000 },
  observe: { overhead: ["readers"], bystanders: ["readers"] },
} satisfies ScenarioFile;
