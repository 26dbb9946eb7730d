import type { ScenarioFile } from "../harness/scenario.ts";
import { chatPlain, chatting } from "./scripts/chat.ts";

export default {
  asks: "What is left when the database dies under load, and who notices that it is back?",
  cohorts: {
    eager: { ...chatting, sessions: 1_700 },
    mailers: { like: "eager", sessions: 150, script: chatPlain },
    silent: { like: "eager", sessions: 150, client: { retry: "never" } },
  },
  phases: { warmupMs: 8_000, calmMs: 11_000, faultMs: 18_000, quietMs: 3_000 },
  faults: [
    { kind: "postgres-kill", atMs: [500, 8_500], restartAfterMs: 1_000 },
    { kind: "kill", role: "app", atMs: [14_500] },
  ],
  observe: { overhead: ["eager"], recovery: ["eager", "mailers"] },
} satisfies ScenarioFile;
