/** All checkers, in the order in which verdicts are listed. A new one is a file beside this and a line here. */
import { acknowledgedTurnsKept } from "./c1-acknowledged-turns-kept.ts";
import { noPhantomOrHalfTurn } from "./c2-no-phantom-or-half-turn.ts";
import { oneAnswerPerTurn } from "./c3-one-answer-per-turn.ts";
import { readsExtend } from "./c4-reads-extend.ts";
import { noStaleRead } from "./c5-no-stale-read.ts";
import { effectsMatchClass } from "./c6-effects-match-class.ts";
import { llmEconomy } from "./c7-llm-economy.ts";
import { oneLiveWriter } from "./c8-one-live-writer.ts";
import { nothingOfSuperseded } from "./c9-superseded-owner.ts";
import { causalOrder } from "./c10-causal-order.ts";
import { everySessionWorksAgain } from "./c12-every-session-works-again.ts";
import { redeployLosesNothing } from "./c13-redeploy-loses-nothing.ts";
import { timersNeverEarly } from "./c14-timers-never-early.ts";
import { answersMatchSold } from "./c15-answers-match-sold.ts";
import { cleanMachine } from "./c16-clean-machine.ts";
import { noVacuousPass } from "./c17-no-vacuous-pass.ts";
import { modelSeesAcknowledged } from "./c18-model-sees-acknowledged.ts";
import { effectsAgreeWithTranscript } from "./c19-effects-agree-with-transcript.ts";
import type { Checker } from "./checker.ts";

/** Checkers by id; the ids are stable. C11 compares trials with their calm twins and stands in `summarize/twins.ts`. */
export const CHECKERS = {
  C1: acknowledgedTurnsKept,
  C2: noPhantomOrHalfTurn,
  C3: oneAnswerPerTurn,
  C4: readsExtend,
  C5: noStaleRead,
  C6: effectsMatchClass,
  C7: llmEconomy,
  C8: oneLiveWriter,
  C9: nothingOfSuperseded,
  C10: causalOrder,
  C12: everySessionWorksAgain,
  C13: redeployLosesNothing,
  C14: timersNeverEarly,
  C15: answersMatchSold,
  C16: cleanMachine,
  C17: noVacuousPass,
  C18: modelSeesAcknowledged,
  C19: effectsAgreeWithTranscript,
} as const satisfies Readonly<Record<string, Checker>>;
export type CheckerId = keyof typeof CHECKERS;
