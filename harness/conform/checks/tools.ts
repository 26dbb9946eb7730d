/** Remote tools: what is sent, what comes back to the model, and what goes wrong. */
import { constant } from "../../random.ts";
import type { Runner } from "../../runner.ts";
import { type Check, calls, must, needsPromise, says } from "../check.ts";
import { answerText, saidIn } from "../conversation.ts";
import { answered, differenceOf } from "../expectations.ts";
import { objectIn } from "../json.ts";
import type { Rig } from "../rig.ts";

/** Longer than a runtime waits for a core where many are tested at once. */
const SIDE_BY_SIDE_MS = 4_000;
const SLOW_LIMIT_MS = 45_000;

/** The contents of all tool messages of the newest request of a turn. */
export function resultsSent(rig: Rig, session: string, turn: number): string[] {
  const messages = rig.asks(session, turn).at(-1)?.messages ?? [];
  return messages.filter(({ role }) => role === "tool").map(({ text }) => text);
}

/** A tool message of the form {"error": …}. */
export const isError = (text: string): boolean => "error" in objectIn(text);

/** A call that goes wrong becomes an error message, and the turn goes on. */
const wrongCall = (what: string, kind: string): Check => ({
  name: `${what}: a tool message {"error": …}, and the turn goes on`,
  group: "tools",
  script: [{ ...calls("look_up"), fault: { kind, attempts: 1 } }, says()],
  async run(rig, session) {
    await answered(rig, session, 1);
    const [message = ""] = resultsSent(rig, session, 1);
    must(isError(message), `the model was told ${JSON.stringify(message.slice(0, 80))}`);
    return message.slice(0, 80);
  },
});

const keyOf = (header: string | string[] | undefined): string => (typeof header === "string" ? header : "");

export const toolChecks: readonly Check[] = [
  {
    name: "arguments are sent byte for byte, and the tool's answer byte for byte to the model",
    group: "tools",
    quick: true,
    script: [calls(["look_up", "save_note"]), says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      const [first] = rig.asks(session, 1);
      const written = first === undefined ? [] : saidIn(first.exchange).calls;
      const results = resultsSent(rig, session, 1);
      for (const [index, call] of written.entries()) {
        const use = rig.toolUses(session).find(({ name }) => name === call.name);
        must(use !== undefined, `${call.name} was not called`);
        const sent = use.exchange.body.toString();
        must(sent === call.arguments, `the arguments changed: ${differenceOf(sent, call.arguments)}`);
        const type = String(use.exchange.headers["content-type"]);
        must(type.startsWith("application/json"), `the content type is ${type}`);
        const answer = answerText(use.exchange);
        must(results[index] === answer, `the answer changed: ${differenceOf(results[index] ?? "", answer)}`);
      }
      return `${written.length} calls`;
    },
  },
  {
    name: "calls of one step run side by side",
    group: "tools",
    script: [
      calls(["look_up", "save_note", "send_mail"]),
      ...["look_up", "save_note", "send_mail"].map(
        (tool) => ({ tool, takesMs: constant(SIDE_BY_SIDE_MS), effect: "keyed" }) as const,
      ),
      says(),
    ],
    async run(rig, session) {
      await answered(rig, session, 1);
      const uses = rig.toolUses(session).map(({ exchange }) => exchange);
      must(uses.length === 3, `${uses.length} tools were called instead of 3`);
      const lastAskedMs = Math.max(...uses.map(({ askedMs }) => askedMs));
      const firstHeardMs = Math.min(...uses.map(({ heardMs }) => heardMs));
      must(lastAskedMs < firstHeardMs, "one was called only after another had answered");
      return `three calls of ${SIDE_BY_SIDE_MS / 1000} s at once`;
    },
  },
  wrongCall("an unknown tool", "unknown-tool"),
  wrongCall("malformed arguments", "garbage-arguments"),
  {
    name: "a tool that takes longer than 30 s becomes a tool message, and is not called again",
    group: "tools",
    limitMs: SLOW_LIMIT_MS,
    script: [calls("look_up"), { tool: "look_up", takesMs: constant(40_000), effect: "plain" }, says()],
    async run(rig, session) {
      await answered(rig, session, 1, SLOW_LIMIT_MS);
      const uses = rig.toolUses(session);
      must(uses.length === 1, `the tool was called ${uses.length} times`);
      const [message = ""] = resultsSent(rig, session, 1);
      must(isError(message), `the model was told ${JSON.stringify(message.slice(0, 80))}`);
      const waitedMs = (rig.asks(session, 1)[1]?.exchange.askedMs ?? 0) - (uses[0]?.exchange.askedMs ?? 0);
      must(waitedMs > 25_000, `it was given up after ${(waitedMs / 1000).toFixed(1)} s already`);
      return `given up after ${(waitedMs / 1000).toFixed(1)} s`;
    },
  },
  {
    name: "every call carries an Idempotency-Key of its own",
    group: "tools",
    notOffered: needsPromise("effects", "exactly-once-with-keys"),
    script: [calls(["look_up", "look_up"]), calls("look_up"), says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      await answered(rig, session, 2);
      const keys = rig.toolUses(session).map(({ exchange }) => keyOf(exchange.headers["idempotency-key"]));
      must(!keys.includes(""), "a call carries no key");
      must(new Set(keys).size === keys.length, `keys are used twice: ${keys.join(", ")}`);
      return `${keys.length} calls, ${keys.length} keys`;
    },
  },
  {
    name: "every call carries an integer as Fence",
    group: "tools",
    notOffered: (runner: Runner) => needsPromise("fenced-effects")(runner),
    script: [calls("look_up"), says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      const fences = rig.toolUses(session).map(({ exchange }) => keyOf(exchange.headers.fence));
      must(
        fences.every((fence) => /^\d+$/.test(fence)),
        `the fences are ${fences.join(", ") || "missing"}`,
      );
      return `fence ${fences[0]}`;
    },
  },
];
