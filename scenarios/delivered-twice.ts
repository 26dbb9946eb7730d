import type { ScenarioFile } from "../harness/scenario.ts";
import { chatPlain, chatting } from "./scripts/chat.ts";

export default {
  asks: "When a turn arrives twice, or two clients share one conversation, is it still one conversation?",
  cohorts: {
    alone: { ...chatting, sessions: 1_400 },
    whileRunning: { like: "alone", sessions: 200, script: chatPlain, duplicates: { share: 0.5, after: "sent" } },
    onceAnswered: { like: "alone", sessions: 200, script: chatPlain, duplicates: { share: 0.5, after: "answered" } },
    twoClients: { like: "alone", sessions: 200, twoClients: { share: 0.5 }, readEvery: 2 },
  },
  phases: { warmupMs: 8_000, calmMs: 18_000, faultMs: 0, quietMs: 2_000 },
  observe: { overhead: ["alone"], bystanders: ["alone"] },
} satisfies ScenarioFile;
