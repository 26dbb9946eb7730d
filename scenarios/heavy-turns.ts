import { constant, exponential } from "../harness/random.ts";
import type { ScenarioFile } from "../harness/scenario.ts";

/** Work of the runtime's own outweighs what varies from trial to trial, and two sessions hardly ever wait for each other: trials of the same differ by some 3 %. */
export default {
  asks: "Has a turn become dearer than it was?",
  needs: { localTools: ["burn_cpu"] },
  cohorts: {
    everyone: {
      sessions: 2,
      turns: 60,
      thinkMs: exponential(150),
      script: [
        {
          say: { firstTokenMs: constant(100), tokens: constant(1) },
          call: { burn_cpu: { seed: { pool: 2 }, rounds: 24_000_000 } },
        },
        { say: { firstTokenMs: constant(100), tokens: constant(10) } },
      ],
      client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
    },
  },
  phases: { warmupMs: 1_000, calmMs: 4_500, faultMs: 0, quietMs: 300 },
  observe: { overhead: ["everyone"] },
} satisfies ScenarioFile;
