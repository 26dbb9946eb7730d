/**
 * One turn of the generic agent, played from its journal: what is recorded is not done again, what is missing is.
 *
 * Promises that tools run after the answer that names them was journaled, and that a turn ends after all of it was. The model alone
 * may be asked *ahead*, told what is still being committed: its answer is journaled only after that. Leaves to its ports how the model, the tools and the journal are reached.
 */
import {
  type AssistantMessage,
  type Message,
  type ToolCall,
  TurnFailed,
  type TurnResult,
} from "../kit/typescript/messages.ts";
import type { Change, Entry, StoredEntry, StoredTurn } from "./store.ts";

const MOST_STEPS = 32;

/** One answer of the model and the results of its calls, in the order of the calls; those not yet known are missing. */
interface Step {
  readonly answer: AssistantMessage;
  readonly results: (Message | undefined)[];
  /** When the answer was journaled, on the clock of `performance.now`. */
  readonly answeredAtMs: number;
}

/** A turn that has begun: what it is asked and what it did so far. */
export interface OpenTurn {
  readonly turn: string;
  readonly input: string;
  readonly steps: Step[];
}

/** What playing a turn needs of the world. */
export interface TurnPorts {
  /** Asks the model for the answer of this step, from 1. */
  ask(messages: readonly Message[], step: number): Promise<AssistantMessage>;
  /** Runs the call with this index, from 0, of this step, from 1. */
  use(call: ToolCall, step: number, index: number): Promise<string>;
  /** Commits messages and, with them, the end of the turn. */
  keep(change: Change): Promise<void>;
  /** Commits under way that the model need not wait for; without it, the model is asked after each commit. */
  readonly ahead?: Promise<unknown>[];
}

/** How a turn ended, and what it leaves in the conversation. */
export interface PlayedTurn {
  readonly result: TurnResult;
  readonly messages: readonly Message[];
}

/** Puts a turn together from its journal. */
export function openTurn(turn: string, entries: readonly StoredEntry[]): OpenTurn {
  let input = "";
  const steps: Step[] = [];
  for (const { step, part, message, ageMs } of entries) {
    if (message.role === "user") input = message.content;
    if (message.role === "assistant") {
      steps.push({ answer: message, results: [], answeredAtMs: performance.now() - ageMs });
    }
    const results = steps[step - 1]?.results;
    if (message.role === "tool" && results !== undefined) results[part - 1] = message;
  }
  return { turn, input, steps };
}

/** Plays the turn to its end. Rejects where nobody knows how the turn stands: a crash, a lost session, a lost database. */
export async function playTurn(turn: OpenTurn, before: readonly Message[], ports: TurnPorts): Promise<PlayedTurn> {
  try {
    for (let step = 1; step <= MOST_STEPS; step++) {
      const { answer, results, answeredAtMs } = turn.steps[step - 1] ?? (await takeStep(turn, before, ports));
      const calls = answer.tool_calls ?? [];
      if (calls.length === 0) return { result: { output: answer.content ?? "" }, messages: messagesOf(turn) };
      await Promise.all(
        calls.map(async (call, index) => {
          results[index] ??= await takeCall(step, index, resumed(call, answeredAtMs), ports);
        }),
      );
    }
    throw new TurnFailed("too_many_steps", `no answer after ${MOST_STEPS} steps`);
  } catch (error) {
    if (!(error instanceof TurnFailed)) throw error;
    await Promise.all(ports.ahead?.splice(0) ?? []);
    const failure = { code: error.code, message: error.message };
    await ports.keep({ ends: { failure } });
    return { result: { failed: failure }, messages: [{ role: "user", content: turn.input }] };
  }
}

/** Input, answers and results of the turn, in order. */
export function messagesOf({ input, steps }: OpenTurn): Message[] {
  const said = steps.flatMap(({ answer, results }) => [answer, ...results.filter((result) => result !== undefined)]);
  return [{ role: "user", content: input }, ...said];
}

/** How a turn that is no longer running ended. */
export function resultOf({ steps }: OpenTurn, { failure }: StoredTurn): TurnResult {
  return failure === null ? { output: steps.at(-1)?.answer.content ?? "" } : { failed: failure };
}

async function takeStep(turn: OpenTurn, before: readonly Message[], ports: TurnPorts): Promise<Step> {
  const number = turn.steps.length + 1;
  const underWay = ports.ahead?.splice(0) ?? [];
  const answer = await onceKept(ports.ask([...before, ...messagesOf(turn)], number), underWay);
  const entry: Entry = { step: number, part: 0, message: answer };
  const last = (answer.tool_calls ?? []).length === 0;
  await ports.keep(last ? { entries: [entry], ends: "done" } : { entries: [entry] });
  const step: Step = { answer, results: [], answeredAtMs: performance.now() };
  turn.steps.push(step);
  return step;
}

/** The answer, once what it was given for is committed. Whatever cannot be committed ends the turn at once. */
async function onceKept(asked: Promise<AssistantMessage>, underWay: readonly Promise<unknown>[]) {
  try {
    const [answer] = await Promise.all([asked, ...underWay]);
    return answer;
  } catch (error) {
    // The turn's end is kept next, and must find its beginning.
    if (error instanceof TurnFailed) await Promise.all(underWay);
    throw error;
  }
}

async function takeCall(step: number, index: number, call: ToolCall, ports: TurnPorts): Promise<Message> {
  const content = await ports.use(call, step, index);
  const message: Message = { role: "tool", tool_call_id: call.id, content };
  const kept = ports.keep({ entries: [{ step, part: index + 1, message }] });
  if (ports.ahead === undefined) await kept;
  else {
    // Another call of this step may run for long before anybody waits for this.
    kept.catch(() => undefined);
    ports.ahead.push(kept);
  }
  return message;
}

/** A sleep that a crash interrupted goes on: it ends when it would have ended, not later by the time the process was away. */
function resumed(call: ToolCall, answeredAtMs: number): ToolCall {
  const elapsedMs = performance.now() - answeredAtMs;
  if (call.function.name !== "sleep") return call;
  const text = call.function.arguments.replace(
    /"ms"\s*:\s*(\d+(?:\.\d+)?)/,
    (_, ms) => `"ms":${Math.max(0, Math.ceil(Number(ms) - elapsedMs))}`,
  );
  return { ...call, function: { ...call.function, arguments: text } };
}
