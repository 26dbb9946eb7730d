/** Memory: every request carries the whole conversation of its session. */
import { type Check, calls, must, says } from "../check.ts";
import { answered, mustRemember, outputOf } from "../expectations.ts";

export const memoryChecks: readonly Check[] = [
  {
    name: "the second turn's first request carries the first turn's answer",
    group: "memory",
    quick: true,
    ownApi: "must",
    script: [says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      await answered(rig, session, 2);
      mustRemember(rig, session, 2, [1]);
      return "its link is there";
    },
  },
  {
    name: "the fourth turn's first request carries the first three answers in order",
    group: "memory",
    script: [calls("look_up"), says()],
    async run(rig, session) {
      for (const turn of [1, 2, 3, 4]) await answered(rig, session, turn);
      mustRemember(rig, session, 4, [1, 2, 3]);
      return "three links in order";
    },
  },
  {
    name: "every request carries inputs, calls, results and answers as they were",
    group: "memory",
    script: [calls("look_up"), says()],
    async run(rig, session) {
      const output = outputOf(await answered(rig, session, 1), 1);
      await answered(rig, session, 2);
      const messages = rig.asks(session, 2)[0]?.messages ?? [];
      const roles = messages.map(({ role }) => role).join(" ");
      must(roles === "user assistant tool assistant user", `turn 2 begins with the messages: ${roles}`);
      must(messages[0]?.text === rig.input(session, 1), "the first input is not as it was given");
      must(messages[1]?.calls[0]?.id === messages[2]?.callId, "the result does not name its call");
      must(messages[3]?.text === output, "the first answer is not as it was given");
      must(messages[4]?.text === rig.input(session, 2), "the second input is not as it was given");
      return roles;
    },
  },
  {
    name: "sessions know nothing of each other",
    group: "memory",
    ownApi: "must",
    script: [says(100)],
    async run(rig, session) {
      await answered(rig, session, 1);
      await answered(rig, session, 2);
      const bodies = rig.asks(session).map(({ exchange }) => exchange.body.toString());
      const foreign = bodies.flatMap((body) => [...body.matchAll(/\bL_([0-9a-z]+)_/g)].map(([, whose]) => whose));
      must(
        foreign.every((whose) => whose === session),
        `a request of session ${session} carries answers of others`,
      );
      return "no request carries another session's answers";
    },
  },
];
