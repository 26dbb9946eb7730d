/** Bugs in what is told: answers that nobody sold, that change, that are half, or that belong to somebody else. */

import { constant } from "../../random.ts";
import type { StepFault, TurnScript } from "../../scenario.ts";
import type { ListedTurn } from "../nature.ts";
import type { TurnResult } from "../store.ts";
import { type Canary, unlucky } from "./canary.ts";

/** An answer at once, after this fault. */
const onlyAnswer = (fault: StepFault): TurnScript => [
  { say: { firstTokenMs: constant(50), tokens: constant(4) }, fault },
];
/** A call of a keyed tool, where the first answer meets this fault. */
const oneCall = (fault: StepFault): TurnScript => [
  { say: { firstTokenMs: constant(50), tokens: constant(3) }, call: "save_note", fault },
  { tool: "save_note", takesMs: constant(20), effect: "keyed" },
  { say: { firstTokenMs: constant(50), tokens: constant(4) } },
];
const changed = (result: TurnResult, text: (output: string) => string): TurnResult =>
  "output" in result ? { output: text(result.output) } : result;
const listed = (turns: readonly ListedTurn[], text: (output: string) => string): ListedTurn[] =>
  turns.map((turn) => ({ ...turn, result: changed(turn.result, text) }));

export const ANSWER_CANARIES: readonly Canary[] = [
  {
    name: "reworded-answer",
    says: "puts a word of its own before some answers",
    bug: () => ({ says: (text, scene) => (unlucky(scene) ? `Well: ${text}` : text) }),
    must: ["C15"],
  },
  {
    name: "trimmed-answer",
    says: "cuts the end off long answers",
    bug: () => ({ says: (text) => text.slice(0, -6) }),
    must: ["C15", "C18"],
  },
  {
    name: "answer-of-another-session",
    says: "mixes up the answers of two sessions",
    bug: () => {
      let last = "";
      return {
        says: (text, scene) => {
          const before = last;
          last = text;
          return unlucky(scene) && before !== "" ? before : text;
        },
      };
    },
    must: ["C15", "C18"],
  },
  {
    name: "answer-of-the-turn-before",
    says: "answers a turn with the answer of the one before",
    bug: () => {
      const last = new Map<string, string>();
      return {
        says: (text, scene) => {
          const before = last.get(scene.session);
          last.set(scene.session, text);
          return unlucky(scene) ? (before ?? text) : text;
        },
      };
    },
    must: ["C15", "C18"],
  },
  {
    name: "cached-answer",
    says: "answers from a cache, without asking the model",
    bug: () => ({ knows: (scene) => (unlucky(scene) ? "As I said before." : null) }),
    must: ["C15", "C18"],
    may: ["C6"],
  },
  {
    name: "another-answer-the-second-time",
    says: "tells a turn otherwise when it is asked for again",
    bug: () => ({ tells: (result, times) => (times > 0 ? changed(result, (text) => `${text} again`) : result) }),
    trial: { cohort: { duplicates: { share: 0.5, after: "answered" } } },
    must: ["C3", "C15"],
  },
  {
    name: "shown-otherwise",
    says: "shows in reads another text than it answered with",
    bug: () => ({ lists: (turns) => listed(turns, (text) => text.toUpperCase()) }),
    must: ["C3", "C15"],
  },
  {
    name: "rewrites-the-past",
    says: "rewrites the oldest answer once the conversation is long",
    bug: () => ({
      lists: (turns) =>
        turns.length < 4 ? turns : [...listed(turns.slice(0, 1), () => "(summary)"), ...turns.slice(1)],
    }),
    trial: { cohort: { readEvery: 1 } },
    must: ["C3", "C4", "C15"],
  },
  {
    name: "shows-what-is-not-finished",
    says: "shows turns in reads that still run",
    bug: () => ({
      lists: (turns, _, unfinished) => [...turns, ...unfinished.map((turn) => ({ ...turn, result: { output: "" } }))],
    }),
    trial: { cohort: { readEvery: 1, twoClients: { share: 1 } } },
    must: ["C3", "C15"],
  },
  {
    name: "half-answer",
    says: "takes an answer that broke off for a whole one",
    bug: () => ({ takes: () => true }),
    trial: { cohort: { script: onlyAnswer({ kind: "cut", share: 0.4, with: { tokens: 2 } }) } },
    must: ["C2", "C18"],
  },
  {
    name: "answer-without-an-end",
    says: "takes all tokens for an answer though its end never came",
    bug: () => ({ takes: () => true }),
    trial: { cohort: { script: onlyAnswer({ kind: "cut", share: 0.4, with: { where: "end-marker" } }) } },
    must: ["C2"],
  },
  {
    name: "half-a-step",
    says: "takes a step that broke off before its tool call for the end of the turn",
    bug: () => ({ takes: () => true }),
    trial: { cohort: { script: oneCall({ kind: "cut", share: 0.4, with: { tokens: 1 } }) } },
    must: ["C2", "C6"],
    may: ["C18"],
  },
  {
    name: "swallows-a-poison",
    says: "reports a turn that the model refused as answered",
    bug: () => ({ fails: () => ({ output: "Something went wrong." }) }),
    trial: { cohort: { script: onlyAnswer({ kind: "status", share: 0.3, attempts: "all", with: { status: 400 } }) } },
    must: ["C15", "C18"],
  },
  {
    name: "failed-then-answered",
    says: "tells a failed turn as answered when it is asked for again",
    bug: () => ({ tells: (result, times) => (times > 0 && "failed" in result ? { output: "Done." } : result) }),
    trial: {
      cohort: {
        script: onlyAnswer({ kind: "status", share: 0.5, attempts: "all", with: { status: 400 } }),
        duplicates: { share: 1, after: "answered" },
      },
    },
    must: ["C3", "C15"],
  },
  {
    name: "answered-then-failed",
    says: "says that a turn failed which it had answered",
    bug: () => ({ tells: (result, times) => (times > 0 ? { failed: "gave_up" } : result) }),
    trial: { cohort: { duplicates: { share: 0.5, after: "answered" } } },
    must: ["C3"],
  },
  {
    name: "phantom-turn",
    says: "runs a turn that it has refused",
    bug: () => ({ admits: () => "refuse and run" }),
    trial: { cohort: { readEvery: 1, twoClients: { share: 1 } } },
    must: ["C2"],
    may: ["C6"],
  },
  {
    name: "invented-turn",
    says: "shows a turn that nobody asked for",
    bug: () => ({
      lists: (turns) => [...turns, { turn: "99", input: "hello", result: { output: "How can I help you?" } }],
    }),
    must: ["C2"],
  },
  {
    name: "stream-of-another-text",
    says: "streams another text than it answers with",
    bug: () => ({ streams: (scene) => (unlucky(scene) ? "differs" : "whole") }),
    trial: { cohort: { client: { timeoutMs: 8_000, deadlineMs: 20_000, retry: "eager", streams: true } } },
    must: ["C15"],
  },
  {
    name: "wrong-local-result",
    says: "returns a wrong result from a local tool",
    bug: () => ({ computes: (result, scene) => (unlucky(scene) ? `${result}0` : result) }),
    trial: {
      cohort: {
        script: [
          { say: { firstTokenMs: constant(50), tokens: constant(3) }, call: { burn_cpu: { seed: 3, rounds: 40 } } },
          { say: { firstTokenMs: constant(50), tokens: constant(4) } },
        ],
      },
    },
    must: ["C15"],
  },
];
