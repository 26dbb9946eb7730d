/**
 * A runner that is made to go wrong: with BUG in its environment it breaks one thing that it vows, and the checkers have to say
 * which. Without one it is healthy: sessions in memory, every message in a journal before anything follows from it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Agent, Refused, serve } from "../kit/typescript/front.ts";
import { type Message, type ToolCall, TurnFailed, type TurnResult } from "../kit/typescript/messages.ts";
import { askModel } from "../kit/typescript/model.ts";
import { crashOfProcess, runTool } from "../kit/typescript/tools.ts";
import { BUGS } from "./bugs.ts";
import { type Habits, HEALTHY, type Place } from "./habits.ts";
import { Journal, type KeptTurn } from "./journal.ts";

const MAX_STEPS = 32;
const HEALTHY_TURNS = 20;
const LOCAL_TOOLS = new Set(["burn_cpu", "sleep"]);

const { BUG, DATA_DIR = "." } = process.env;
if (BUG !== undefined && BUGS[BUG] === undefined) throw new Error(`There is no bug "${BUG}".`);
const sick: Habits = { ...HEALTHY, ...BUGS[BUG ?? ""]?.habits };
const journal = new Journal(DATA_DIR);
let turnsBegun = 0;
/** Bugs wake up under some load, as real ones do, and so pass the few turns of a handshake. */
const habits = (): Habits => (journal.existed || turnsBegun > HEALTHY_TURNS ? sick : HEALTHY);
const sessions = journal.read();
/** Turns that run, by session; and how often each was told. */
const running = new Map<string, { readonly turn: string; readonly result: Promise<TurnResult> }>();
const told = new Map<string, number>();

function placeOf(session: string, turn: string): Place {
  return { session, turn, restarted: journal.existed, upMs: process.uptime() * 1000 };
}

function tell(result: TurnResult, place: Place): TurnResult {
  const name = `${place.session}/${place.turn}`;
  const times = told.get(name) ?? 0;
  told.set(name, times + 1);
  return habits().tells(result, times, place);
}

const agent: Agent = {
  async runTurn(session, turn, input): Promise<TurnResult> {
    const place = placeOf(session, turn);
    const turns = sessions.get(session) ?? [];
    sessions.set(session, turns);
    const known = turns.find((one) => one.turn === turn);
    if (known !== undefined && known.input !== input) throw new Refused(409, "this turn was asked with another input");
    if (known?.result !== undefined) return tell(known.result, place);
    const current = running.get(session);
    if (current?.turn === turn && habits().joins(place)) return tell(await current.result, place);
    if (current !== undefined && current.turn !== turn) throw new Refused(409, "another turn of this session runs");
    const kept = current === undefined ? (known ?? { turn, input, messages: [] }) : { turn, input, messages: [] };
    const result = toTheEnd(kept, turns, place);
    running.set(session, { turn, result });
    try {
      return tell(await result, place);
    } finally {
      if (running.get(session)?.result === result) running.delete(session);
    }
  },

  async readSession(session) {
    const turns = sessions.get(session);
    const finished = turns?.flatMap(({ turn, input, result }) =>
      result === undefined ? [] : [{ turn, input, ...result }],
    );
    return finished && habits().lists(finished, placeOf(session, ""));
  },
};

/** Runs a turn, or goes on with one that an earlier process left, and keeps how it ended. */
async function toTheEnd(kept: KeptTurn, turns: KeptTurn[], place: Place): Promise<TurnResult> {
  const resumes = kept.messages.length === 0 ? "goes on" : habits().resumes(place);
  if (resumes === "never ends") return new Promise<never>(() => undefined);
  turnsBegun += 1;
  if (!turns.includes(kept) && !turns.some(({ turn }) => turn === kept.turn)) turns.push(kept);
  if (kept.messages.length === 0 || resumes === "begins anew") {
    kept.messages = [];
    if (habits().keeps("begin", place)) journal.write({ session: place.session, turn: kept.turn, input: kept.input });
  }
  const result = await resultOf(kept, turns, place);
  kept.result = result;
  const write = (): void => {
    if (habits().keeps("end", place)) journal.write({ session: place.session, turn: kept.turn, result });
  };
  if (habits().answersAheadMs === 0) write();
  else void sleep(habits().answersAheadMs).then(write);
  return result;
}

async function resultOf(kept: KeptTurn, turns: readonly KeptTurn[], place: Place): Promise<TurnResult> {
  try {
    return { output: habits().knows(place) ?? habits().says(await answer(kept, turns, place), place) };
  } catch (error) {
    if (!(error instanceof TurnFailed)) throw error;
    return { failed: { code: error.code, message: error.message } };
  }
}

/** What the model reads of a turn: a failed one leaves its input and nothing after it. */
function messagesOf({ input, messages, result }: KeptTurn): Message[] {
  const own: Message[] = result !== undefined && "failed" in result ? [] : messages;
  const answered = result !== undefined && "output" in result ? [...own.slice(0, -1), said(result.output)] : own;
  return [{ role: "user", content: input }, ...inOrder(answered)];
}

/** Results stand in the order of the calls, in whichever they came. */
function inOrder(messages: readonly Message[]): Message[] {
  return messages.flatMap((message) => {
    if (message.role === "tool") return [];
    const ids = message.role === "assistant" ? (message.tool_calls ?? []).map(({ id }) => id) : [];
    const results = messages.filter((one) => one.role === "tool");
    return [message, ...ids.flatMap((id) => results.filter(({ tool_call_id }) => tool_call_id === id))];
  });
}

const said = (content: string): Message => ({ role: "assistant", content });

/** The generic agent, played from its messages: what is there is not done again. */
async function answer(kept: KeptTurn, turns: readonly KeptTurn[], place: Place): Promise<string> {
  const finished = turns.filter(({ result, turn }) => result !== undefined && turn !== kept.turn);
  const before = habits().recalls(finished, place).flatMap(messagesOf);
  for (let step = 1; step <= MAX_STEPS; step++) {
    const asked = kept.messages.findLastIndex(({ role }) => role === "assistant");
    const last = kept.messages[asked];
    if (last?.role === "assistant") {
      if (last.tool_calls === undefined) return last.content ?? "";
      await useTools(kept, last.tool_calls, asked, place);
    }
    const message = await askModel([...before, ...messagesOf(kept)]);
    keep(kept, message, place);
  }
  throw new TurnFailed("too_many_steps", `no answer after ${MAX_STEPS} steps`);
}

function keep(kept: KeptTurn, message: Message, place: Place): void {
  // The last answer is written down with the end of the turn where that comes later.
  const late = habits().answersAheadMs > 0 && message.role === "assistant" && message.tool_calls === undefined;
  if (habits().keeps("message", place) && !late) journal.write({ session: place.session, turn: kept.turn, message });
  kept.messages.push(message);
}

/** Makes the calls whose results are missing, in parallel. @param asked where their answer stands: it names the step */
async function useTools(kept: KeptTurn, calls: readonly ToolCall[], asked: number, place: Place): Promise<void> {
  const results = kept.messages.flatMap((message) => (message.role === "tool" ? [message.tool_call_id] : []));
  const uses = calls.map(async (call, index) => {
    if (results.includes(call.id)) return;
    const content = use(call, `${place.session}/${kept.turn}/${asked}/${index}`, place);
    const waits = habits().awaitsTools(place);
    if (!waits) void content;
    keep(kept, { role: "tool", tool_call_id: call.id, content: waits ? await content : "pending" }, place);
  });
  await Promise.all(uses);
}

async function use(call: ToolCall, key: string, place: Place): Promise<string> {
  const context = { session: place.session, holder: {}, crash: crashOfProcess };
  if (LOCAL_TOOLS.has(call.function.name))
    return habits().computes(await runTool(habits().makes(call, place), context), place);
  let result = "done";
  for (let time = 1; time <= habits().sends(place); time++)
    result = await runTool(call, { ...context, idempotencyKey: time === 1 ? key : `${key}/${time}` });
  return result;
}

await serve({ runtime: "canary", version: "1", agent });
