/** Streams: tokens as they come, then the result (promise `streaming`). */
import { type Check, must, needsContractApi, needsPromise, says } from "../check.ts";
import { saidIn } from "../conversation.ts";
import { differenceOf, mustAsk, mustBeExact } from "../expectations.ts";
import { objectIn } from "../json.ts";
import type { Rig } from "../rig.ts";
import { askStreamed, resultOf, textsOf } from "../streamed.ts";

/** What must have been read before the result, of what the model says. */
const EARLY_LEAST = 0.9;

const offered: NonNullable<Check["notOffered"]> = (runner) =>
  needsContractApi(runner) ?? needsPromise("streaming")(runner);

/** @throws Unmet unless each step's text is what the model said last at that step */
function mustShow(rig: Rig, session: string, texts: readonly string[]): void {
  const asks = rig.asks(session, 1);
  const steps = Math.max(...asks.map(({ step }) => step));
  must(texts.length === steps, `text of ${texts.length} steps was shown, the model said ${steps}`);
  for (const [index, shown] of texts.entries()) {
    const ask = asks.findLast(({ step }) => step === index + 1);
    const said = ask === undefined ? "" : saidIn(ask.exchange).text;
    must(shown === said, `the text of step ${index + 1} is not the model's: ${differenceOf(shown, said)}`);
  }
}

export const streamChecks: readonly Check[] = [
  {
    name: "tokens of a stream reach the client while the model still speaks",
    group: "streams",
    notOffered: offered,
    // 60 tokens in a second and a half.
    script: [{ say: { ...says(50, 60).say, tokensPerSecond: 40 } }],
    async run(rig, session) {
      const streamed = await askStreamed(rig, session, 1);
      resultOf(streamed);
      const tokens = streamed.events.filter(({ name }) => name === "token");
      const endMs = streamed.events.at(-1)?.atMs ?? 0;
      const early = tokens.filter(({ atMs }) => atMs < endMs).length / Math.max(1, tokens.length);
      const aheadMs = endMs - (tokens[0]?.atMs ?? endMs);
      must(tokens.length > 0, "there is no token");
      must(early >= EARLY_LEAST, `only ${Math.round(early * 100)} % of the tokens came before the result`);
      const saidMs = rig.asks(session, 1)[0]?.exchange.heardMs ?? 0;
      must((tokens[0]?.atMs ?? saidMs) < saidMs, "the first token came only when the model had said everything");
      return `the first of ${tokens.length} tokens came ${Math.round(aheadMs)} ms before the result`;
    },
  },
  {
    name: "the text of a stream is the model's, step by step, and ends as the output",
    group: "streams",
    notOffered: offered,
    script: [{ ...says(5, 12), call: "look_up" }, says(5, 20)],
    async run(rig, session) {
      const streamed = await askStreamed(rig, session, 1);
      const result = resultOf(streamed);
      const texts = textsOf(streamed.events);
      mustShow(rig, session, texts);
      must(objectIn(result).output === texts.at(-1), "the text of the last step is not the output");
      return `${texts.length} steps`;
    },
  },
  {
    name: "the result of a stream has the bytes of the plain answer, and is given again as a stream",
    group: "streams",
    notOffered: offered,
    script: [says()],
    async run(rig, session) {
      const result = resultOf(await askStreamed(rig, session, 1));
      const plain = await rig.turn(session, 1);
      mustBeExact(rig, session, 1, plain);
      must(plain.body === result, `asked plainly it is answered otherwise: ${differenceOf(plain.body, result)}`);
      const again = resultOf(await askStreamed(rig, session, 1));
      must(again === result, `streamed again it is answered otherwise: ${differenceOf(again, result)}`);
      mustAsk(rig, session, 1, 1);
      return "plain, streamed, and streamed again";
    },
  },
  {
    name: "an answer that breaks off is taken back from the stream before the model is heard again",
    group: "streams",
    notOffered: offered,
    script: [{ ...says(5, 12), fault: { kind: "cut", attempts: 1, with: { tokens: 4 } } }],
    async run(rig, session) {
      const { events, ...answer } = await askStreamed(rig, session, 1);
      const result = resultOf({ events, ...answer });
      const texts = textsOf(events);
      must(objectIn(result).output === texts.at(-1), "what is left of the stream is not the output");
      return events.some(({ name }) => name === "restart") ? "a restart" : "the half answer was not shown";
    },
  },
  {
    name: "a turn that fails ends its stream with that result; what is refused keeps its plain status",
    group: "streams",
    notOffered: offered,
    script: { default: [says()], turn2: [{ ...says(), fault: { kind: "status", with: { status: 400 } } }] },
    async run(rig, session) {
      const failed = objectIn(resultOf(await askStreamed(rig, session, 2)));
      must(failed.failed !== undefined, "the result of a turn that failed does not say so");
      resultOf(await askStreamed(rig, session, 1));
      const other = await askStreamed(rig, session, 1, { input: rig.input(session, 1, true) });
      must(other.status === 409, `the turn with another input is answered with ${other.status || "nothing"}`);
      return "failed, and 409";
    },
  },
  {
    name: "a client that leaves its stream cancels nothing",
    group: "streams",
    notOffered: offered,
    script: [{ say: { ...says(5, 40).say, tokensPerSecond: 50 }, call: "look_up" }, says(5, 20)],
    async run(rig, session) {
      const left = await askStreamed(rig, session, 1, { leaveAfter: 3 });
      must(left.status === 0, "the stream had ended before its client left");
      const goesOn = await rig.until(() => rig.asks(session, 1).at(1)?.exchange.state === "whole", 10_000);
      must(goesOn, "the turn did not go on after its client had left");
      mustBeExact(rig, session, 1, await rig.turn(session, 1));
      mustAsk(rig, session, 1, 2);
      return "it went on and was kept";
    },
  },
];
