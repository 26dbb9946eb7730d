import { exponential, lognormal, uniform } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";

/** No tools: what every backend that holds a conversation can be asked, whatever tools of its own it has. */
export default {
  asks: "Does a conversation survive kill -9, for a backend that only chats?",
  cohorts: {
    talkers: {
      sessions: 1_850,
      turns: 8,
      thinkMs: exponential(25_000),
      script: [{ say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(30, 80) } }],
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager", streams: true },
    },
    silent: { like: "talkers", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 18_000, quietMs: 3_000 },
  faults: [{ kind: "kill", role: "app", atMs: [500, 6_500, 12_500] }],
  observe: { overhead: ["talkers"], recovery: ["talkers"] },
} satisfies ScenarioFile;
