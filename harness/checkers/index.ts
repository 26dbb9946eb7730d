/** All checkers, in the order in which verdicts are listed. A new one is a file beside this and a line here. */
import { acknowledgedTurnsKept } from "./c1-acknowledged-turns-kept.ts";
import { noPhantomOrHalfTurn } from "./c2-no-phantom-or-half-turn.ts";
import { oneAnswerPerTurn } from "./c3-one-answer-per-turn.ts";
import { effectsMatchClass } from "./c6-effects-match-class.ts";
import { llmEconomy } from "./c7-llm-economy.ts";
import { everySessionWorksAgain } from "./c12-every-session-works-again.ts";
import { answersMatchSold } from "./c15-answers-match-sold.ts";
import { noVacuousPass } from "./c17-no-vacuous-pass.ts";
import { modelSeesAcknowledged } from "./c18-model-sees-acknowledged.ts";
import { effectsAgreeWithTranscript } from "./c19-effects-agree-with-transcript.ts";
import type { Checker } from "./checker.ts";

/** Checkers by id; the ids are stable, gaps are checkers still to come. */
export const CHECKERS = {
  C1: acknowledgedTurnsKept,
  C2: noPhantomOrHalfTurn,
  C3: oneAnswerPerTurn,
  C6: effectsMatchClass,
  C7: llmEconomy,
  C12: everySessionWorksAgain,
  C15: answersMatchSold,
  C17: noVacuousPass,
  C18: modelSeesAcknowledged,
  C19: effectsAgreeWithTranscript,
} as const satisfies Readonly<Record<string, Checker>>;
export type CheckerId = keyof typeof CHECKERS;
