/** The contract's HTTP: what is answered, kept, joined, refused. */
import { type Check, calls, must, needsContractApi, needsPromise, says } from "../check.ts";
import {
  answered,
  askedUntilEnded,
  linksIn,
  mustAsk,
  mustBeExact,
  mustRepeat,
  mustRunOnce,
  outputOf,
} from "../expectations.ts";
import { listOf, objectIn } from "../json.ts";

const isTaken = (status: number): boolean => status === 409 || status === 503;

export const httpChecks: readonly Check[] = [
  {
    name: "healthz answers 200 with runtime and version",
    group: "http",
    quick: true,
    notOffered: needsContractApi,
    script: [says()],
    async run(rig) {
      const { status, body } = await rig.raw("GET", "/healthz");
      must(status === 200, `GET /healthz answers ${status}`);
      const { runtime, version } = objectIn(body);
      must(typeof runtime === "string" && typeof version === "string", `the body is ${body.slice(0, 80)}`);
      return `${runtime} ${version}`;
    },
  },
  {
    name: "a turn is answered with exactly the text that the model ended with",
    group: "http",
    quick: true,
    script: [calls("look_up"), says(5, 30)],
    async run(rig, session) {
      const reply = await answered(rig, session, 1);
      return `${outputOf(reply, 1).length} characters`;
    },
  },
  {
    name: "the same turn again is answered with the same bytes, without asking the model again",
    group: "http",
    quick: true,
    ownApi: "may",
    script: [says()],
    async run(rig, session) {
      const first = await answered(rig, session, 1);
      mustRepeat(rig, first, await rig.turn(session, 1), 1);
      await answered(rig, session, 2);
      mustRepeat(rig, first, await rig.turn(session, 1), 1);
      mustAsk(rig, session, 1, 1);
      return "also after the next turn";
    },
  },
  {
    name: "the same turn asked twice at once runs once",
    group: "http",
    script: [calls("look_up", 300), says(300)],
    async run(rig, session) {
      await mustRunOnce(rig, session, 2);
      return "both clients have the same answer";
    },
  },
  {
    name: "the same turn with another input is refused with 409 and changes nothing",
    group: "http",
    notOffered: needsContractApi,
    script: [says()],
    async run(rig, session) {
      const first = await answered(rig, session, 1);
      const { status } = await rig.turn(session, 1, { input: rig.input(session, 1, true) });
      must(status === 409, `it is answered with ${status || "nothing"}`);
      mustRepeat(rig, first, await rig.turn(session, 1), 1);
      mustAsk(rig, session, 1, 1);
      return "409";
    },
  },
  {
    name: "malformed requests are answered with 400",
    group: "http",
    notOffered: needsContractApi,
    script: [says()],
    async run(rig, session) {
      const path = `/sessions/${session}/turns/1`;
      const long = "x".repeat(65);
      const good = JSON.stringify({ input: rig.input(session, 1) });
      const requests = [
        ["no JSON", path, "{"],
        ["no input", path, "{}"],
        ["an input that is no string", path, '{"input":7}'],
        ["a session of 65 characters", `/sessions/${long}/turns/1`, good],
        ["a turn of 65 characters", `/sessions/${session}/turns/${long}`, good],
      ] as const;
      for (const [what, where, body] of requests) {
        const { status } = await rig.raw("PUT", where, body);
        must(status === 400, `${what} is answered with ${status || "nothing"}`);
      }
      mustAsk(rig, session, 1, 0);
      return requests.map(([what]) => what).join(", ");
    },
  },
  {
    name: "ids of 64 characters are taken",
    group: "http",
    notOffered: needsContractApi,
    script: [says()],
    async run(rig, session) {
      const body = JSON.stringify({ input: rig.input(session, 1) });
      const { status } = await rig.raw("PUT", `/sessions/${"s".repeat(64)}/turns/${"t".repeat(64)}`, body);
      must(status === 200, `they are answered with ${status || "nothing"}`);
      return "200";
    },
  },
  {
    name: "a turn of an unknown session is accepted, also after a gap",
    group: "http",
    script: [says()],
    async run(rig, session) {
      await answered(rig, session, 7);
      return "turn 7 came first";
    },
  },
  {
    name: "a broken client connection does not cancel the turn",
    group: "http",
    script: [calls("look_up", 700), says(700)],
    async run(rig, session) {
      const broken = rig.turn(session, 1, { withinMs: 500 });
      must(await rig.until(() => rig.asks(session, 1).length > 0), "the model was not asked");
      must((await broken).outcome.kind === "info", "the turn was answered before the connection was broken");
      const goesOn = await rig.until(() => rig.asks(session, 1).at(1)?.exchange.state === "whole", 5_000);
      must(goesOn, "the turn did not go on after its client had gone");
      await answered(rig, session, 1);
      mustAsk(rig, session, 1, 2);
      return "it went on and was kept";
    },
  },
  {
    name: "two turns of one session at once are queued or refused, never mixed",
    group: "http",
    script: [calls("look_up", 300), says(300)],
    async run(rig, session) {
      const first = rig.turn(session, 1);
      must(await rig.until(() => rig.asks(session, 1).length > 0), "the model was not asked");
      const second = await rig.turn(session, 2);
      const refused = second.outcome.kind === "fail";
      must(refused || second.outcome.kind === "ok", `turn 2 was neither refused nor answered: status ${second.status}`);
      mustBeExact(rig, session, 1, await first);
      if (refused && rig.runner.turn === undefined)
        must(isTaken(second.status), `turn 2 is refused with ${second.status}`);
      mustBeExact(rig, session, 2, await askedUntilEnded(rig, session, 2, 10_000));
      must(linksIn(rig.asks(session, 2)[0]).join() === "1", "turn 2 began before turn 1 had ended");
      return refused ? `turn 2 was refused (${second.status}) and taken later` : "turn 2 waited";
    },
  },
  {
    name: "a session is read back: finished turns in order of finishing, with the same bytes; 404 where unknown",
    group: "http",
    notOffered: (runner) => needsContractApi(runner) ?? needsPromise("readable")(runner),
    script: {
      default: [says()],
      turn2: [{ ...says(), fault: { kind: "status", attempts: "all", with: { status: 400 } } }],
    },
    async run(rig, session) {
      const outputs: string[] = [];
      for (const turn of [5, 3]) outputs.push(outputOf(await answered(rig, session, turn), turn));
      await rig.turn(session, 2);
      const { status, body } = await rig.raw("GET", `/sessions/${session}`);
      must(status === 200, `GET of the session answers ${status}`);
      const told = listOf(objectIn(body).turns);
      must(
        told.map(({ turn }) => turn).join() === "5,3,2",
        `the turns are listed as [${told.map(({ turn }) => turn).join()}]`,
      );
      for (const [index, turn] of [5, 3].entries()) {
        must(told[index]?.input === rig.input(session, turn), `the input of turn ${turn} is not as it was given`);
        must(told[index]?.output === outputs[index], `the output of turn ${turn} is not as it was answered`);
      }
      must(told[2]?.output === undefined && told[2]?.failed !== undefined, "the failed turn is not listed as failed");
      const unknown = await rig.raw("GET", "/sessions/nobody");
      must(unknown.status === 404, `an unknown session answers ${unknown.status}`);
      return "three turns, one of them failed";
    },
  },
];
