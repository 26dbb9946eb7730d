/** Restarts: the runtime's processes are killed and started again; what was promised to survive has to. */
import { type Check, calls, must, needsPromise, says } from "../check.ts";
import {
  answered,
  askedUntilEnded,
  mustAsk,
  mustBeExact,
  mustMoveOn,
  mustRemember,
  mustRepeat,
} from "../expectations.ts";
import { offers } from "./local-tools.ts";
import { resultsSent } from "./tools.ts";

const LIMIT_MS = 60_000;
const RECOVERED_WITHIN_MS = 30_000;

export const restartChecks: readonly Check[] = [
  {
    name: "after a restart the new addresses of model and tools are used, and the old ones never again",
    group: "restart",
    alone: true,
    limitMs: LIMIT_MS,
    script: [calls("look_up"), says()],
    async run(rig, session) {
      await mustMoveOn(rig, session, RECOVERED_WITHIN_MS);
      return "turn 2 was answered through the new ones";
    },
  },
  {
    name: "acknowledged turns survive kill -9: the same bytes again, and the next turn remembers them",
    group: "restart",
    alone: true,
    limitMs: LIMIT_MS,
    notOffered: needsPromise("durable-turns"),
    script: [calls("look_up"), says()],
    async run(rig, session) {
      const first = await answered(rig, session, 1);
      const second = await answered(rig, session, 2);
      await (await rig.kill())();
      mustRepeat(rig, second, await askedUntilEnded(rig, session, 2, RECOVERED_WITHIN_MS), 2);
      mustRepeat(rig, first, await rig.turn(session, 1), 1);
      for (const turn of [1, 2]) mustAsk(rig, session, turn, 2);
      await answered(rig, session, 3);
      mustRemember(rig, session, 3, [1, 2]);
      return "two turns";
    },
  },
  {
    name: "an interrupted turn goes on after kill -9 without being asked",
    group: "restart",
    alone: true,
    limitMs: LIMIT_MS,
    notOffered: needsPromise("resumes-unasked"),
    script: { default: [says()], turn2: [calls("look_up"), says(1_000)] },
    async run(rig, session) {
      await answered(rig, session, 1);
      const interrupted = rig.turn(session, 2);
      must(await rig.until(() => rig.asks(session, 2).length === 2), "the model was not asked for the second step");
      const start = await rig.kill();
      await interrupted;
      const known = rig.asks(session, 2).length;
      await start();
      const whole = (): boolean =>
        rig
          .asks(session, 2)
          .slice(known)
          .some(({ step, exchange }) => step === 2 && exchange.state === "whole");
      must(await rig.until(whole, RECOVERED_WITHIN_MS), "nothing happened until it was asked for again");
      const asked = rig.asks(session, 2).length;
      const reply = await askedUntilEnded(rig, session, 2, RECOVERED_WITHIN_MS);
      mustBeExact(rig, session, 2, reply);
      mustAsk(rig, session, 2, asked);
      mustRemember(rig, session, 2, [1]);
      return "it was finished before anybody asked";
    },
  },
  {
    name: "a tool call whose answer was lost in kill -9 is repeated with its key, and applied once",
    group: "restart",
    alone: true,
    limitMs: LIMIT_MS,
    notOffered: needsPromise("effects", "exactly-once-with-keys"),
    script: [calls("save_note"), says()],
    async run(rig, session) {
      rig.withhold(({ path, body }) => path.startsWith("/tools/") && body.includes(`_${session}_`));
      const interrupted = rig.turn(session, 1);
      const applied = (): boolean => rig.toolUses(session).some(({ exchange }) => exchange.state === "whole");
      must(await rig.until(applied), "the tool was not called");
      const start = await rig.kill();
      await interrupted;
      rig.withhold(null);
      await start();
      mustBeExact(rig, session, 1, await askedUntilEnded(rig, session, 1, RECOVERED_WITHIN_MS));
      const events = await rig.events(session, (noted) => noted.filter(({ e }) => e === "effect").length > 1);
      const results = events.flatMap((event) => (event.e === "effect" ? [event.result] : []));
      must(results.length > 1, "the call was not repeated, although its answer never came");
      must(results.filter((result) => result === "applied").length === 1, `the effects are: ${results.join(", ")}`);
      return results.join(", ");
    },
  },
  {
    name: "a crash that is kept for the load hook spares its turn, and loading gets over it",
    group: "restart",
    alone: true,
    limitMs: LIMIT_MS,
    notOffered: (runner) => offers("crash")(runner) ?? needsPromise("durable-turns")(runner),
    script: {
      default: [says()],
      turn1: [{ ...calls({ crash: { how: "unit", when: "load" } }), attempts: 1 }, says()],
    },
    async run(rig, session) {
      await answered(rig, session, 1);
      const [result] = resultsSent(rig, session, 1);
      must(result === "spared", `the result is ${result} instead of spared`);
      must(rig.toolUses(session).length === 0, "it asked for leave before it was loaded");
      await (await rig.kill())();
      mustBeExact(rig, session, 2, await askedUntilEnded(rig, session, 2, RECOVERED_WITHIN_MS));
      mustRemember(rig, session, 2, [1]);
      // Not every runtime loads sessions; one that does not has no hook to ask in.
      const asked = rig.toolUses(session).length;
      return asked === 0 ? "nothing was loaded" : `it asked for leave ${asked} times`;
    },
  },
];
