/**
 * The contract as readable code: one process, one Map, one loop. Read it beside `runners/CONTRACT.md`.
 *
 * It keeps nothing over a crash and is no contestant. The kit's front speaks HTTP (statuses, validation, SIGTERM), its model
 * client follows the table of tries, its tools include the local ones; everything that is about sessions and turns is here.
 */
import { type Agent, Refused, serve } from "../kit/typescript/front.ts";
import type { MemoryHolder } from "../kit/typescript/local-tools.ts";
import {
  type FinishedTurn,
  type Listener,
  type Message,
  TurnFailed,
  type TurnResult,
} from "../kit/typescript/messages.ts";
import { askModel } from "../kit/typescript/model.ts";
import { crashOfProcess, runTool, type ToolContext } from "../kit/typescript/tools.ts";

const MAX_STEPS = 32;

interface Session {
  /** All that the model is sent. A finished turn adds to it; a failed one adds its input and nothing after it. */
  conversation: Message[];
  /** In order of finishing, exactly as acknowledged. */
  readonly finished: FinishedTurn[];
  /** The one turn that may run. */
  running?: { readonly turn: string; readonly input: string; readonly result: Promise<TurnResult> };
  /** What `hold_memory` keeps: beside the live session, never persisted. */
  readonly holder: MemoryHolder;
}

const sessions = new Map<string, Session>();

/** A session that nobody knows, or a turn after a gap, is accepted and starts from what is there. */
function open(name: string): Session {
  const session = sessions.get(name) ?? { conversation: [], finished: [], holder: {} };
  sessions.set(name, session);
  return session;
}

const agent: Agent = {
  async runTurn(name, turn, input, listener): Promise<TurnResult> {
    const session = open(name);

    // The same turn again: the same answer, or it joins the one that runs.
    const finished = session.finished.find((known) => known.turn === turn);
    const running = session.running?.turn === turn ? session.running : undefined;
    const known = finished ?? running;
    if (known !== undefined && known.input !== input) throw new Refused(409, "this turn was asked with another input");
    if (finished !== undefined) return finished;
    if (running !== undefined) return running.result;

    // One turn at a time. A runner may also queue here.
    if (session.running !== undefined) throw new Refused(409, "another turn of this session runs");

    // From here on the turn is accepted, and no broken connection cancels it.
    const result = runToTheEnd(name, session, turn, input, listener);
    session.running = { turn, input, result };
    try {
      return await result;
    } finally {
      // Also when the turn broke: nothing of it is kept, the client reads 500 (unknown) and may ask again.
      delete session.running;
    }
  },

  /** Finished turns only; undefined becomes 404. */
  async readSession(name) {
    return sessions.get(name)?.finished;
  },
};

/** Runs the turn and keeps how it ended. Anything but an answer or a TurnFailed leaves the session as it was. */
async function runToTheEnd(
  name: string,
  session: Session,
  turn: string,
  input: string,
  listener?: Listener, // hears the text as it comes, where the client reads along
): Promise<TurnResult> {
  const conversation: Message[] = [...session.conversation, { role: "user", content: input }];
  const asked = conversation.length;
  const context = { session: name, holder: session.holder, crash: crashOfProcess };
  let result: TurnResult;
  try {
    result = { output: await answer(conversation, context, listener) };
  } catch (error) {
    if (!(error instanceof TurnFailed)) throw error;
    result = { failed: { code: error.code, message: error.message } };
    conversation.length = asked; // what a failed turn leaves is the input and nothing after it
  }
  session.conversation = conversation;
  session.finished.push({ turn, input, ...result });
  return result;
}

/** The one generic agent: ask the model, run the tools it names, repeat until it answers without a tool call. */
async function answer(conversation: Message[], context: ToolContext, listener?: Listener): Promise<string> {
  for (let step = 1; step <= MAX_STEPS; step++) {
    const message = await askModel(conversation, { listener, step }); // streams; 5 tries; throws TurnFailed
    conversation.push(message);
    if (message.tool_calls === undefined) return message.content ?? "";

    // Several calls run in parallel. A tool that goes wrong is a message {"error": …}, not an error of the turn.
    const results = message.tool_calls.map(async (call): Promise<Message> => {
      return { role: "tool", tool_call_id: call.id, content: await runTool(call, context) };
    });
    conversation.push(...(await Promise.all(results)));
  }
  throw new TurnFailed("too_many_steps", `no answer after ${MAX_STEPS} steps`);
}

await serve({ runtime: "reference", version: "1", agent });
