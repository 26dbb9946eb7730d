/** The generic agent: asks the model, runs the tools it names, and repeats until it answers without a tool call. */
import { type Listener, type Message, TurnFailed } from "../kit/typescript/messages.ts";
import { askModel } from "../kit/typescript/model.ts";
import { runTool, type ToolContext } from "../kit/typescript/tools.ts";

const MAX_STEPS = 32;

/**
 * Appends to the conversation, which ends in the user's input, until the model has answered; returns the answer's text.
 * @throws TurnFailed when the turn ends for good without an answer
 */
export async function runAgent(conversation: Message[], context: ToolContext, listener?: Listener): Promise<string> {
  for (let step = 1; step <= MAX_STEPS; step++) {
    const message = await askModel(conversation, { listener, step });
    conversation.push(message);
    if (message.tool_calls === undefined) return message.content ?? "";
    const results = await Promise.all(
      message.tool_calls.map(async (call): Promise<Message> => {
        return { role: "tool", tool_call_id: call.id, content: await runTool(call, context) };
      }),
    );
    conversation.push(...results);
  }
  throw new TurnFailed("too_many_steps", `no answer after ${MAX_STEPS} steps`);
}
