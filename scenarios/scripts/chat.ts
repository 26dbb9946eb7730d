import { lognormal, uniform } from "../../harness/random.ts";
import type { TurnScript } from "../../harness/scenario.ts";

/** The everyday turn: two model calls around one keyed effect. Times are those of a quick hosted model. */
export const chat = [
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(5, 15) }, call: "save_note" },
  { tool: "save_note", takesMs: lognormal(80, 0.5), effect: "keyed" },
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(30, 80) } },
] satisfies TurnScript;

/** The same with a tool that knows no keys: whoever asks twice gets two effects. */
export const chatPlain = [
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(5, 15) }, call: "send_mail" },
  { tool: "send_mail", takesMs: lognormal(80, 0.5), effect: "plain" },
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(30, 80) } },
] satisfies TurnScript;
