/**
 * A backend with its own API, asked through its mapping: it has its own tools, its own idea of retries, and need not know of a
 * repeated turn. So these checks are without tools; what has to hold is that it answers with the model's words and remembers.
 * Everything else is told, and shows which promises could be made.
 */
import { AnswerReader } from "../../driver/answer.ts";
import type { Attempt } from "../../driver/client.ts";
import { EventStream } from "../../driver/event-stream.ts";
import { findAnswer } from "../../driver/find-answer.ts";
import { resolveMapping, turnRequest } from "../../driver/mapping.ts";
import { type Check, must, says } from "../check.ts";
import {
  answered,
  askedUntilEnded,
  lastText,
  linksIn,
  mustAsk,
  mustBeExact,
  mustMoveOn,
  mustRemember,
  mustRunOnce,
} from "../expectations.ts";
import type { Reply, Rig } from "../rig.ts";

const ANSWER_WITHIN_MS = 15_000;
const RESTART_LIMIT_MS = 60_000;
const RECOVERED_WITHIN_MS = 30_000;
/** Longer than most would call "goes on by itself"; whoever takes longer has to be tried in a trial. */
const RESUMED_WITHIN_MS = 5_000;
/** What must have been read while the model still spoke. */
const EARLY_LEAST = 0.9;

/** @throws Unmet where the answer stands elsewhere in the body than the mapping says, with the place */
function mustStandThere(rig: Rig, session: string, { outcome, body }: Reply): void {
  const text = lastText(rig, session, 1);
  if (text === undefined || (outcome.kind === "ok" && outcome.output === text)) return;
  const found = findAnswer(body, text);
  must(
    found === undefined,
    `the mapping does not find the answer, which stands there: "answer": ${JSON.stringify(found)}`,
  );
}

/** Reads a turn along, and says how much of its text came while the model still spoke. */
async function earlyShare(rig: Rig, session: string): Promise<{ readonly share: number; readonly pieces: number }> {
  const { turn } = rig.runner;
  must(turn?.answer.sse !== undefined, "the mapping reads no stream");
  const mapping = resolveMapping(turn, process.env);
  const events = new EventStream(turn.answer.sse);
  const reader = new AnswerReader(mapping);
  const stamps: number[] = [];
  const read = (chunk: Buffer, atMs: number): void => {
    for (const { value } of events.read(chunk)) if (reader.take(value) !== undefined) stamps.push(atMs);
  };
  const request = turnRequest(mapping, { session, turn: "1", input: rig.input(session, 1) });
  const client = rig.newClient();
  const attempt = await new Promise<Attempt>((done) =>
    client.attempt(request, ANSWER_WITHIN_MS, true, done, { read }),
  ).finally(() => client.close());
  must(attempt.kind === "answered", "the stream did not come to its end");
  must(stamps.length > 0, "no piece of the answer came as an event");
  const saidMs = rig.asks(session, 1)[0]?.exchange.heardMs ?? 0;
  return { share: stamps.filter((atMs) => atMs < saidMs).length / stamps.length, pieces: stamps.length };
}

const answers: readonly Check[] = [
  {
    name: "a turn of a new conversation is answered with exactly the text that the model ended with",
    group: "http",
    quick: true,
    ownApi: "must",
    script: [says(5, 30)],
    async run(rig, session) {
      const reply = await rig.turn(session, 1);
      const asked = rig.asks(session, 1).length;
      must(
        asked > 0 || reply.status === 0,
        `the model was not asked; the answer is ${reply.status} ${reply.body.slice(0, 80)}`,
      );
      must(
        asked > 0,
        `the model was not asked, and no answer came (${"why" in reply.outcome ? reply.outcome.why : ""})`,
      );
      mustStandThere(rig, session, reply);
      mustBeExact(rig, session, 1, reply);
      must(
        linksIn(rig.asks(session, 1)[0]).length === 0,
        "it remembers a conversation of an earlier start: what it keeps has to lie below DATA_DIR",
      );
      return `status ${reply.status}`;
    },
  },
  {
    name: "the fourth turn carries the first three answers in order",
    group: "memory",
    ownApi: "must",
    script: [says()],
    async run(rig, session) {
      for (const turn of [1, 2, 3, 4]) await answered(rig, session, turn);
      mustRemember(rig, session, 4, [1, 2, 3]);
      return "three answers";
    },
  },
  {
    name: "the same turn asked twice at once runs once, and both clients have its answer",
    group: "http",
    ownApi: "may",
    script: [says(600)],
    async run(rig, session) {
      await mustRunOnce(rig, session, 1);
      return "the model was asked once";
    },
  },
  {
    name: "a turn goes on and is remembered when its client leaves",
    group: "http",
    ownApi: "may",
    script: { default: [says()], turn1: [says(1_000)] },
    async run(rig, session) {
      const left = rig.turn(session, 1, { withinMs: 500 });
      must(await rig.until(() => rig.asks(session, 1).length > 0), "the model was not asked");
      must((await left).outcome.kind === "info", "the turn was answered before its client left");
      const goesOn = await rig.until(() => rig.asks(session, 1)[0]?.exchange.state === "whole", 5_000);
      must(goesOn, "the model's answer was not heard to its end");
      await answered(rig, session, 2);
      mustRemember(rig, session, 2, [1]);
      return "the next turn carries its answer";
    },
  },
  {
    name: "two turns of one conversation at once are queued or refused, never mixed",
    group: "http",
    ownApi: "may",
    script: [says(600)],
    async run(rig, session) {
      const first = rig.turn(session, 1);
      must(await rig.until(() => rig.asks(session, 1).length > 0), "the model was not asked");
      const second = await askedUntilEnded(rig, session, 2, 10_000);
      mustBeExact(rig, session, 1, await first);
      mustBeExact(rig, session, 2, second);
      must(linksIn(rig.asks(session, 2)[0]).join() === "1", "turn 2 began before turn 1 had ended");
      return "turn 2 began when turn 1 had ended";
    },
  },
  {
    name: "text reaches the client while the model still speaks",
    group: "streams",
    ownApi: "may",
    shows: { streaming: true },
    notOffered: ({ turn }) => (turn?.answer.sse === undefined ? "the mapping reads no stream" : undefined),
    // 60 tokens in a second and a half.
    script: [{ say: { ...says(50, 60).say, tokensPerSecond: 40 } }],
    async run(rig, session) {
      const { share, pieces } = await earlyShare(rig, session);
      const percent = Math.round(share * 100);
      must(share >= EARLY_LEAST, `only ${percent} % of ${pieces} pieces came before the model had said everything`);
      return `${percent} % of ${pieces} pieces`;
    },
  },
];

const failures: readonly Check[] = [
  {
    name: "a model that fails once with 500 is asked again",
    group: "agent",
    ownApi: "may",
    script: [{ ...says(), fault: { kind: "status", attempts: 1, with: { status: 500 } } }],
    async run(rig, session) {
      await answered(rig, session, 1);
      mustAsk(rig, session, 1, 2);
      return "two tries";
    },
  },
  {
    name: "a refusal of the model is no answer, and the conversation goes on after it",
    group: "agent",
    ownApi: "may",
    script: { default: [says()], turn2: [{ ...says(), fault: { kind: "status", with: { status: 400 } } }] },
    async run(rig, session) {
      await answered(rig, session, 1);
      const { outcome, status } = await rig.turn(session, 2);
      must(outcome.kind !== "ok", "a turn that the model refused was answered");
      must(status !== 0, "a turn that the model refused was left without an answer");
      await answered(rig, session, 3);
      mustRemember(rig, session, 3, [1]);
      return outcome.kind === "failed" ? `failed (${outcome.code})` : `status ${status}`;
    },
  },
];

const restarts: readonly Check[] = [
  {
    name: "after kill -9 it takes turns again, and asks the model at its new address",
    group: "restart",
    alone: true,
    ownApi: "must",
    limitMs: RESTART_LIMIT_MS,
    script: [says()],
    async run(rig, session) {
      await mustMoveOn(rig, session, RECOVERED_WITHIN_MS);
      return "turn 2 was answered";
    },
  },
  {
    name: "answered turns are remembered after kill -9",
    group: "restart",
    alone: true,
    ownApi: "may",
    limitMs: RESTART_LIMIT_MS,
    shows: { "durable-turns": "process" },
    script: [says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      await answered(rig, session, 2);
      await (await rig.kill())();
      mustBeExact(rig, session, 3, await askedUntilEnded(rig, session, 3, RECOVERED_WITHIN_MS));
      mustRemember(rig, session, 3, [1, 2]);
      return "two turns";
    },
  },
  {
    name: "an interrupted turn goes on after kill -9 without being asked",
    group: "restart",
    alone: true,
    ownApi: "may",
    limitMs: RESTART_LIMIT_MS,
    shows: { "resumes-unasked": true },
    script: { default: [says()], turn2: [says(1_000)] },
    async run(rig, session) {
      await answered(rig, session, 1);
      const interrupted = rig.turn(session, 2);
      must(await rig.until(() => rig.asks(session, 2).length > 0), "the model was not asked");
      const start = await rig.kill();
      await interrupted;
      const known = rig.asks(session, 2).length;
      await start();
      const whole = (): boolean =>
        rig
          .asks(session, 2)
          .slice(known)
          .some(({ exchange }) => exchange.state === "whole");
      const limit = `${RESUMED_WITHIN_MS / 1000} s`;
      must(await rig.until(whole, RESUMED_WITHIN_MS), `nothing happened within ${limit}`);
      await answered(rig, session, 3);
      mustRemember(rig, session, 3, [1, 2]);
      return "it was finished before anybody asked";
    },
  },
];

export const ownApiChecks: readonly Check[] = [...answers, ...failures, ...restarts];
