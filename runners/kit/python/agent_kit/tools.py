"""Runs one tool call of the model: the eight local tools by name, every other name remotely at TOOLS_URL.

A tool that goes wrong is something the model should hear of, not an error of the turn: the result is then `{"error":
…}`. Nothing is retried.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from . import local_tools
from .compute import Compute, Tool
from .local_tools import Arguments, SmallObject, fnv1a32, hex8
from .messages import Message

TIMEOUT_S = 30.0
_SPARED = "spared"
_SLEEP_MAX_MS = 2**31 - 1
_COMPUTING: dict[str, Tool] = {
    "parse_document": local_tools.parse_document,
    "search_memory": local_tools.search_memory,
    "burn_cpu": local_tools.burn_cpu,
    "churn_memory": local_tools.churn_memory,
}

Die = Literal["throw", "detached", "unit"]
# The tools whose last call is kept with the session, to be repeated when it is loaded.
Remembered = Literal["hold_memory", "crash"]


class ToolError(Exception):
    """The call went wrong; the model is told why."""


class Crash(Exception):
    """The bug that the script put into the runner."""

    def __init__(self) -> None:
        super().__init__("crashed, as the script told")


@dataclass(slots=True)
class MemoryHolder:
    """Where `hold_memory` keeps its objects: beside the live session, never persisted."""

    objects: list[SmallObject] = field(default_factory=list)

    def hold(self, args: Arguments) -> str:
        """Keeps small objects instead of those held before: `held_<n>`."""
        # The old objects go first, or a session that changes what it holds would need the memory twice.
        self.objects = []
        self.objects = local_tools.small_objects(args)
        return f"held_{len(self.objects)}"


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a runner tells about itself with each call."""

    http: aiohttp.ClientSession
    compute: Compute
    memory: MemoryHolder
    # Keeps the arguments of a `hold_memory`, or of a `crash` for the load hook, with the session.
    remember: Callable[[Remembered, str], Awaitable[None]]
    # Runs turn "1" of a child session (its name, its input) and returns its output. Raises ToolError if there is none.
    run_child: Callable[[str, str], Awaitable[str]]


async def run_tool(call: Message, context: ToolContext) -> str:
    """Returns the text of the call's tool message. Raises only Crash, and what the context's functions raise."""
    name, text = call["function"]["name"], call["function"]["arguments"]
    try:
        args = _arguments(text)
        if name in _COMPUTING:
            return await context.compute.run(_COMPUTING[name], args)
        if name in _LOCAL:
            return await _LOCAL[name](args, context, text)
        return await _post(context.http, name, text)
    except (ToolError, ValueError, aiohttp.ClientError, TimeoutError) as error:
        return orjson.dumps({"error": str(error) or type(error).__name__}).decode()


def _arguments(text: str) -> Arguments:
    args = orjson.loads(text)
    if not isinstance(args, dict):
        raise ToolError("the arguments are no JSON object")
    return args


async def _post(http: aiohttp.ClientSession, name: str, text: str) -> str:
    # The name stays one segment of the path, whatever it is.
    url = URL(f"{os.environ['TOOLS_URL']}/{quote(name, safe='')}", encoded=True)
    headers = {"content-type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with http.post(url, data=text.encode(), headers=headers, timeout=timeout) as response:
        body = (await response.read()).decode(errors="replace")
        if not response.ok:
            raise ToolError(f"tool {name} answered {response.status}: {body[:200]}")
        return body


async def _hold(args: Arguments, context: ToolContext, text: str) -> str:
    held = context.memory.hold(args)
    await context.remember("hold_memory", text)
    return held


async def _crash(args: Arguments, context: ToolContext, text: str) -> str:
    if args.get("when") == "load":
        await context.remember("crash", text)
    else:
        await crash_if_told(context.http, text)
    return _SPARED


async def crash_if_told(http: aiohttp.ClientSession, text: str) -> None:
    """Asks for leave to crash, with the arguments of the call byte for byte, and dies if told to.

    Raises Crash, or ToolError or another error of the client where the question could not be asked.
    """
    _die(_arguments(await _post(http, "crash", text)).get("die"))


def _die(how: Any) -> None:
    match how:
        case "throw":
            raise Crash
        case "detached":
            # A task that nobody awaits: asyncio logs what it raised and goes on.
            asyncio.create_task(_stray())  # noqa: RUF006
        case "unit":
            os._exit(1)


async def _stray() -> None:
    raise Crash


async def _spawn(args: Arguments, context: ToolContext, _text: str) -> str:
    match args:
        case {"children": [*children]} if all(map(_is_child, children)):
            runs = (context.run_child(child["session"], child["input"]) for child in children)
            outputs = await asyncio.gather(*runs)
            return f"joined_{len(outputs)}_{hex8(fnv1a32(chr(10).join(outputs)))}"
    raise ToolError('"children" must be [{session, input}]')


def _is_child(value: Any) -> bool:
    match value:
        case {"session": str(), "input": str()}:
            return True
    return False


async def _sleep(args: Arguments, _context: ToolContext, _text: str) -> str:
    ms = args.get("ms")
    if not isinstance(ms, int | float) or not 0 <= ms <= _SLEEP_MAX_MS:
        raise ToolError('"ms" must be a number from 0')
    await asyncio.sleep(ms / 1000)
    return "slept"


_LOCAL: dict[str, Callable[[Arguments, ToolContext, str], Awaitable[str]]] = {
    "hold_memory": _hold,
    "crash": _crash,
    "spawn_agents": _spawn,
    "sleep": _sleep,
}
