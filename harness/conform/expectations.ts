/** What many checks expect of a turn, each as a wait or a demand that ends in a sentence. */
import { findLinks } from "../identity.ts";
import { must } from "./check.ts";
import { type Ask, saidIn } from "./conversation.ts";
import type { Reply, Rig } from "./rig.ts";
import { SEED } from "./world-process.ts";

/** Between two questions of a client that asks until it is answered. */
const ASK_AGAIN_AFTER_MS = 200;

function inWords({ outcome }: Reply): string {
  if (outcome.kind === "failed") return `it ended as failed (${outcome.code})`;
  return outcome.kind === "ok" ? "it was answered" : outcome.why;
}

/** The output of a turn. @throws Unmet when it was not answered with one */
export function outputOf(reply: Reply, turn: number): string {
  must(reply.outcome.kind === "ok", `turn ${turn} has no answer: ${inWords(reply)}`);
  return reply.outcome.output;
}

/** @throws Unmet unless the turn ended as failed with this code */
export function mustFail(reply: Reply, turn: number, code: string): void {
  const { outcome } = reply;
  must(outcome.kind === "failed", `turn ${turn} should have ended as failed (${code}), but ${inWords(reply)}`);
  must(outcome.code === code, `turn ${turn} ended as failed (${outcome.code}) instead of ${code}`);
}

/** The text with which the model ended a turn, as far as it has been asked. */
export function lastText(rig: Rig, session: string, turn: number): string | undefined {
  const last = rig.asks(session, turn).at(-1);
  return last === undefined ? undefined : saidIn(last.exchange).text;
}

/** Asks for a turn and demands exactly the text that the model ended with. Returns the reply. */
export async function answered(rig: Rig, session: string, turn: number, withinMs?: number): Promise<Reply> {
  const reply = await rig.turn(session, turn, withinMs === undefined ? {} : { withinMs });
  mustBeExact(rig, session, turn, reply);
  return reply;
}

/** @throws Unmet unless the output is the text with which the model ended the turn */
export function mustBeExact(rig: Rig, session: string, turn: number, reply: Reply): void {
  const output = outputOf(reply, turn);
  const text = lastText(rig, session, turn);
  must(text !== undefined, `turn ${turn} was answered, but the model was never asked for it`);
  must(
    output === text,
    `the output of turn ${turn} is not the text that the model ended with: ${differenceOf(output, text)}`,
  );
}

/** Where two texts part, in words. */
export function differenceOf(given: string, expected: string): string {
  let at = 0;
  while (at < given.length && given[at] === expected[at]) at++;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 8), at + 16));
  return `from character ${at} on ${around(given)} instead of ${around(expected)}`;
}

/** The same bytes; where a mapping stands between, whose bodies may hold more than the answer, the same outcome. */
export function mustRepeat(rig: Rig, first: Reply, again: Reply, turn: number): void {
  const seen = (reply: Reply): string =>
    rig.runner.turn === undefined ? `${reply.status} ${reply.body}` : JSON.stringify(reply.outcome);
  must(again.status !== 0, `turn ${turn} was not answered again: ${inWords(again)}`);
  must(
    seen(first) === seen(again),
    `asked again, turn ${turn} is answered otherwise: ${differenceOf(seen(again), seen(first))}`,
  );
}

/** @throws Unmet unless the model was asked this often for the turn */
export function mustAsk(rig: Rig, session: string, turn: number, times: number): void {
  const count = rig.asks(session, turn).length;
  must(count === times, `the model was asked ${count} times instead of ${times} for turn ${turn}`);
}

/** Turns whose genuine links a request carries, in order. */
export function linksIn(ask: Ask | undefined): number[] {
  return ask === undefined ? [] : findLinks(SEED, ask.session, ask.exchange.body);
}

/** @throws Unmet unless the first request of the turn carries exactly these links */
export function mustRemember(rig: Rig, session: string, turn: number, links: readonly number[]): void {
  const found = linksIn(rig.asks(session, turn)[0]);
  must(
    found.join() === links.join(),
    `the first request of turn ${turn} carries the answers of turns [${found.join(", ")}] instead of [${links.join(", ")}]`,
  );
}

/** Asks again and again, as a client does after a crash, until the turn has ended, the limit has passed, or the runtime is gone. */
export async function askedUntilEnded(rig: Rig, session: string, turn: number, limitMs: number): Promise<Reply> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const reply = await rig.turn(session, turn);
    const ended = reply.outcome.kind === "ok" || reply.outcome.kind === "failed";
    if (ended || rig.gone || performance.now() > deadline) return reply;
    await rig.pause(ASK_AGAIN_AFTER_MS);
  }
}

/** Milliseconds between the end of each answer and the next question. */
export function pausesMs(asks: readonly Ask[]): number[] {
  return asks.slice(1).map((ask, index) => ask.exchange.askedMs - (asks[index]?.exchange.heardMs ?? 0));
}

/** The same turn asked for twice at once. @throws Unmet unless both have its answer and the model was asked so often in all */
export async function mustRunOnce(rig: Rig, session: string, asks: number): Promise<void> {
  const [one, two] = await Promise.all([rig.turn(session, 1), rig.turn(session, 1)]);
  mustBeExact(rig, session, 1, one);
  mustRepeat(rig, one, two, 1);
  mustAsk(rig, session, 1, asks);
}

/** A turn, a kill, another turn. @throws Unmet unless the second is answered, and nobody asks where the killed process had asked */
export async function mustMoveOn(rig: Rig, session: string, withinMs: number): Promise<void> {
  await answered(rig, session, 1);
  const old = new Set(rig.asks(session).map(({ exchange }) => exchange.incarnation));
  const start = await rig.kill();
  const known = rig.exchanges.length;
  await start();
  mustBeExact(rig, session, 2, await askedUntilEnded(rig, session, 2, withinMs));
  const late = rig.exchanges.slice(known).filter(({ incarnation }) => old.has(incarnation));
  must(late.length === 0, `${late.length} requests went to the addresses of the process that was killed`);
}
