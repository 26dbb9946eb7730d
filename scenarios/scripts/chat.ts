import { constant, exponential, lognormal, uniform } from "../../harness/random.ts";
import type { Cohort, TurnScript } from "../../harness/scenario.ts";

/** The everyday turn: two model calls around one keyed effect. Times are those of a quick hosted model. */
export const chat = [
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(5, 15) }, call: "save_note" },
  { tool: "save_note", takesMs: lognormal(80, 0.5), effect: "keyed" },
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(30, 80) } },
] satisfies TurnScript;

/** The everyday user, who asks again at once. The same in every scenario that has one, so that what differs between them is the fault. */
export const chatting = {
  turns: 8,
  thinkMs: exponential(25_000),
  script: chat,
  client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
} satisfies Omit<Cohort, "sessions">;

/** The same with a tool that knows no keys: whoever asks twice gets two effects. */
export const chatPlain = [
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(5, 15) }, call: "send_mail" },
  { tool: "send_mail", takesMs: lognormal(80, 0.5), effect: "plain" },
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(30, 80) } },
] satisfies TurnScript;

/** A turn in which the session's own code breaks once, and would go well the second time. */
export const crashing = (how: "throw" | "detached"): TurnScript => [
  { say: { firstTokenMs: constant(200), tokens: constant(1) }, call: { crash: { how } }, attempts: 1 },
  ...chat,
];
