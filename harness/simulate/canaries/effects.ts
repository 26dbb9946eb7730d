/** Bugs in what is done outside: effects doubled, missing, too early, under the wrong key; completions bought for nothing. */
import { constant } from "../../random.ts";
import type { TurnScript } from "../../scenario.ts";
import { keyOf, PLAIN } from "../nature.ts";
import { type Canary, unlucky } from "./canary.ts";

const say = (tokens: number) => ({ firstTokenMs: constant(60), tokens: constant(tokens) });
/** Slow enough for a kill to fall between an effect and what follows it. */
const keyed: TurnScript = [
  { say: say(3), call: "save_note" },
  { tool: "save_note", takesMs: constant(20), effect: "keyed" },
  { say: say(12) },
];
const slowTool: TurnScript = [
  { say: say(2), call: "save_note" },
  {
    tool: "save_note",
    takesMs: constant(20),
    effect: "keyed",
    fault: { kind: "timeout-after-effect", with: { answerAfterMs: 400 } },
  },
  { say: say(3) },
];
const plain: TurnScript = [
  { say: say(3), call: "send_mail" },
  { tool: "send_mail", takesMs: constant(20), effect: "plain" },
  { say: say(4) },
];
const withKeys = { cohort: { script: keyed } } as const;
const killed = { faults: ["kill"], restartAfterMs: 0 } as const;

export const EFFECT_CANARIES: readonly Canary[] = [
  {
    name: "doubles-an-effect",
    says: "sends some calls twice, with another key",
    bug: () => ({
      sends: (call, fence, scene) => {
        const key = keyOf(call, scene);
        return unlucky(scene)
          ? [
              { key, fence },
              { key: `${key}-2`, fence },
            ]
          : [{ key, fence }];
      },
    }),
    trial: withKeys,
    must: ["C6"],
  },
  {
    name: "random-key",
    says: "makes up a new key whenever it sends a call",
    bug: () => {
      let calls = 0;
      return { sends: (_, fence) => [{ key: `call-${++calls}`, fence }] };
    },
    trial: { cohort: { script: slowTool }, ...killed },
    must: ["C6"],
  },
  {
    name: "no-key",
    says: "vows exactly once and sends no key",
    bug: () => ({ sends: (_, fence) => [{ fence }] }),
    trial: { cohort: { script: slowTool }, ...killed },
    must: ["C6"],
  },
  {
    name: "call-id-as-key",
    says: "uses the id that the model gave the call as its only key, and buys the call again after a crash",
    bug: () => ({
      keeps: (what) => what !== "step" && what !== "result",
      sends: ({ call }, fence, { session, turn }) => [
        { key: `${session}.${turn}.${call.step}.${call.purchase}`, fence },
      ],
    }),
    trial: { cohort: { script: keyed }, ...killed },
    must: ["C6", "C7"],
  },
  {
    name: "effect-of-an-abandoned-answer",
    says: "buys the call again after a crash, and tells of an effect that was never applied",
    bug: () => ({ keeps: (what) => what !== "step" && what !== "result" }),
    trial: { cohort: { script: keyed }, ...killed },
    must: ["C7", "C19"],
  },
  {
    name: "key-of-the-session",
    says: "uses the session as key, so that only its first effect is applied",
    bug: () => ({ sends: (_, fence, { session }) => [{ key: session, fence }] }),
    trial: withKeys,
    must: ["C6"],
  },
  {
    name: "effect-missing",
    says: "makes up the results of some calls instead of sending them",
    bug: () => ({ sends: (call, fence, scene) => (unlucky(scene) ? [] : [{ key: keyOf(call, scene), fence }]) }),
    trial: withKeys,
    must: ["C6"],
  },
  {
    name: "at-least-once-that-skips",
    says: "vows at least once and skips some calls",
    base: PLAIN,
    bug: () => ({ sends: (_, __, scene) => (unlucky(scene) ? [] : [{}]) }),
    trial: withKeys,
    must: ["C6"],
  },
  {
    name: "at-most-once-that-repeats",
    says: "vows at most once and sends some calls to a plain tool twice",
    base: PLAIN,
    vows: { effects: "at-most-once" },
    bug: () => ({ sends: (_, __, scene) => (unlucky(scene) ? [{}, {}] : [{}]) }),
    trial: { cohort: { script: plain } },
    must: ["C6"],
  },
  {
    name: "mends-truncated-arguments",
    says: "mends arguments that broke off and uses them, while the model is asked again",
    bug: () => ({ mends: () => true }),
    trial: {
      cohort: {
        script: [
          { say: say(3), call: "save_note", fault: { kind: "garbage-arguments", share: 0.5 } },
          { tool: "save_note", takesMs: constant(20), effect: "keyed" },
          { say: say(4) },
        ],
      },
    },
    must: ["C6"],
  },
  {
    name: "answers-before-the-effect",
    says: "does not wait for its tools",
    bug: () => ({ awaitsTools: () => false }),
    trial: withKeys,
    must: ["C10"],
    may: ["C6"],
  },
  {
    name: "buys-again-what-it-has",
    says: "begins an interrupted turn from its beginning, though its steps were written down",
    bug: () => ({ loads: (turns) => turns.map((turn) => (turn.result === null ? { ...turn, steps: [] } : turn)) }),
    trial: { cohort: { script: keyed }, ...killed },
    must: ["C7"],
  },
  {
    name: "runs-a-turn-twice",
    says: "runs a turn once more when it is asked for again while it runs",
    bug: () => ({ joins: () => false }),
    trial: { cohort: { script: keyed, duplicates: { share: 1, after: "sent" } } },
    must: ["C7"],
    may: ["C1", "C4", "C10", "C15", "C18"],
  },
];
