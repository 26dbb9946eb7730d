/** The table of the generic agent: what is tried again, how long is waited, what ends a turn for good. */
import { constant } from "../../random.ts";
import type { ModelStep, StepFault } from "../../scenario.ts";
import { type Check, calls, must, says } from "../check.ts";
import { saidIn } from "../conversation.ts";
import { answered, mustAsk, mustFail, mustRepeat, pausesMs } from "../expectations.ts";

const SLOW_LIMIT_MS = 45_000;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const faulty = (fault: StepFault): ModelStep => ({ ...says(), fault });

/** Refusals that no further try can mend. */
const refusal = (what: string, code: string, settings: NonNullable<StepFault["with"]>): Check => ({
  name: `${what} ends the turn as ${code}, after one try`,
  group: "agent",
  script: [faulty({ kind: "status", attempts: "all", with: settings })],
  async run(rig, session) {
    const reply = await rig.turn(session, 1);
    mustFail(reply, 1, code);
    mustAsk(rig, session, 1, 1);
    mustRepeat(rig, reply, await rig.turn(session, 1), 1);
    mustAsk(rig, session, 1, 1);
    return "kept, and the same on repetition";
  },
});

/** Answers that break off in the middle. */
const halfAnswer = (what: string, kind: string): Check => ({
  name: `${what}: the half answer is discarded and the model asked again`,
  group: "agent",
  ownApi: "may",
  script: [faulty({ kind, attempts: 1, with: { tokens: 3 } })],
  async run(rig, session) {
    await answered(rig, session, 1);
    mustAsk(rig, session, 1, 2);
    const [first, second] = rig.asks(session, 1);
    const half = first === undefined ? "" : saidIn(first.exchange).text;
    const kept = half !== "" && second?.exchange.body.includes(half) === true;
    must(!kept, "the second request carries the half answer");
    return "two tries, one answer";
  },
});

export const agentChecks: readonly Check[] = [
  {
    name: "the model is asked to stream",
    group: "agent",
    script: [calls("look_up"), says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      must(
        rig.asks(session).every(({ streams }) => streams),
        "a request does not ask for a stream",
      );
      return "every request asks for a stream";
    },
  },
  {
    name: "429 with Retry-After: the model is asked again, no earlier than it said",
    group: "agent",
    ownApi: "may",
    script: [faulty({ kind: "status", attempts: 1, with: { status: 429, retryAfterSeconds: 1 } })],
    async run(rig, session) {
      await answered(rig, session, 1);
      mustAsk(rig, session, 1, 2);
      const [waitedMs = 0] = pausesMs(rig.asks(session, 1));
      must(waitedMs >= 990 && waitedMs < 5_000, `it said 1 s, and was asked again after ${seconds(waitedMs)}`);
      return `asked again after ${seconds(waitedMs)}`;
    },
  },
  {
    name: "5xx: the model is asked again, backing off",
    group: "agent",
    script: [faulty({ kind: "status", attempts: 3, with: { status: 500 } })],
    async run(rig, session) {
      await answered(rig, session, 1);
      mustAsk(rig, session, 1, 4);
      const waitedMs = pausesMs(rig.asks(session, 1)).reduce((sum, ms) => sum + ms, 0);
      // Half a second, one and two; jitter may take much of each away, but not of all of them.
      must(waitedMs >= 300 && waitedMs < 10_000, `the pauses before three more tries sum up to ${seconds(waitedMs)}`);
      return `three more tries after ${seconds(waitedMs)} of waiting`;
    },
  },
  {
    name: "after five tries the turn ends as model_unavailable, and stays so",
    group: "agent",
    script: [faulty({ kind: "status", attempts: "all", with: { status: 503 } })],
    async run(rig, session) {
      const reply = await rig.turn(session, 1);
      mustFail(reply, 1, "model_unavailable");
      mustAsk(rig, session, 1, 5);
      mustRepeat(rig, reply, await rig.turn(session, 1), 1);
      mustAsk(rig, session, 1, 5);
      return "five tries, none on repetition";
    },
  },
  halfAnswer("a stream that ends without finish_reason", "cut"),
  halfAnswer("a connection reset in mid-stream", "reset"),
  halfAnswer("an error event in mid-stream", "error-event"),
  {
    name: "30 s without a byte from the model: given up and asked again",
    group: "agent",
    limitMs: SLOW_LIMIT_MS,
    script: [faulty({ kind: "hang", attempts: 1 })],
    async run(rig, session) {
      await answered(rig, session, 1, SLOW_LIMIT_MS);
      mustAsk(rig, session, 1, 2);
      const [first, second] = rig.asks(session, 1);
      const waitedMs = (second?.exchange.askedMs ?? 0) - (first?.exchange.askedMs ?? 0);
      must(waitedMs > 25_000, `it was asked again after ${seconds(waitedMs)} already`);
      return `asked again after ${seconds(waitedMs)}`;
    },
  },
  {
    name: "a slow stream is waited for",
    group: "agent",
    ownApi: "may",
    script: [{ say: { firstTokenMs: constant(3_000), tokens: constant(8), tokensPerSecond: 2 } }],
    async run(rig, session) {
      await answered(rig, session, 1);
      mustAsk(rig, session, 1, 1);
      return "6.5 s for one answer";
    },
  },
  refusal("400", "model_refused", { status: 400 }),
  refusal("401", "model_refused", { status: 401 }),
  refusal("an overflow of the context", "context_overflow", { status: 400, code: "context_length_exceeded" }),
  {
    name: "32 steps without an answer end the turn as too_many_steps",
    group: "agent",
    script: [...Array.from({ length: 33 }, () => calls("look_up", 1)), says()],
    async run(rig, session) {
      mustFail(await rig.turn(session, 1), 1, "too_many_steps");
      mustAsk(rig, session, 1, 32);
      return "the model was asked 32 times";
    },
  },
  {
    name: "after a failed turn the session goes on, with the failed input and nothing after it",
    group: "agent",
    script: {
      default: [says()],
      turn2: [calls("look_up"), faulty({ kind: "status", attempts: "all", with: { status: 400 } })],
    },
    async run(rig, session) {
      await answered(rig, session, 1);
      mustFail(await rig.turn(session, 2), 2, "model_refused");
      await answered(rig, session, 3);
      const messages = rig.asks(session, 3)[0]?.messages ?? [];
      const roles = messages.map(({ role }) => role).join(" ");
      must(roles === "user assistant user user", `turn 3 begins with the messages: ${roles}`);
      must(messages[2]?.text === rig.input(session, 2), "the input of the failed turn is not in its place");
      return roles;
    },
  },
];
