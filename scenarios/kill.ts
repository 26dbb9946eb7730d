import type { ScenarioFile } from "../harness/scenario.ts";
import { chatPlain, chatting } from "./scripts/chat.ts";

export default {
  asks: "What is left of the conversations after kill -9, and when do they go on?",
  cohorts: {
    eager: { ...chatting, sessions: 1_700 },
    mailers: { like: "eager", sessions: 150, script: chatPlain },
    silent: { like: "eager", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 18_000, quietMs: 3_000 },
  faults: [{ kind: "kill", role: "app", atMs: [500, 6_500, 12_500] }],
  observe: { overhead: ["eager"], recovery: ["eager", "mailers"] },
} satisfies ScenarioFile;
