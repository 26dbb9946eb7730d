import { constant, exponential } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";

/** Work of the runtime's own outweighs what varies from trial to trial, and a core that is idle for three quarters makes few queues. */
export default {
  asks: "Has a turn become dearer than it was?",
  needs: { localTools: ["burn_cpu"] },
  cohorts: {
    everyone: {
      sessions: 24,
      turns: 40,
      thinkMs: exponential(2_500),
      script: [
        {
          say: { firstTokenMs: constant(100), tokens: constant(1) },
          call: { burn_cpu: { seed: { pool: 8 }, rounds: 8_000_000 } },
        },
        { say: { firstTokenMs: constant(100), tokens: constant(10) } },
      ],
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
    },
  },
  phases: { warmupMs: 4_000, calmMs: 30_000, faultMs: 0, quietMs: 1_000 },
  observe: { overhead: ["everyone"] },
} satisfies ScenarioFile;
