"""The generic agent: asks the model, runs the tools it names, and repeats until it answers without a tool call."""

import asyncio

from agent_kit.messages import Conversation, Listener, Message, TurnFailed
from agent_kit.model import ask_model
from agent_kit.tools import ToolContext, run_tool

MAX_STEPS = 32


async def run_agent(conversation: Conversation, context: ToolContext, listener: Listener | None = None) -> str:
    """Appends to the conversation, which ends in the user's input, until the model has answered.

    Returns the answer's text. Raises TurnFailed when the turn ends for good without an answer.
    """
    for step in range(1, MAX_STEPS + 1):
        message = await ask_model(context.http, conversation, step, listener)
        conversation.append(message)
        calls = message.get("tool_calls")
        if calls is None:
            return message["content"]
        conversation.extend(await asyncio.gather(*(_use(call, context) for call in calls)))
    raise TurnFailed("too_many_steps", f"no answer after {MAX_STEPS} steps")


async def _use(call: Message, context: ToolContext) -> Message:
    return {"role": "tool", "tool_call_id": call["id"], "content": await run_tool(call, context)}
