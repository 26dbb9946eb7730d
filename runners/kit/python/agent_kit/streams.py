"""A turn as its client sees it who reads along: `token` events while the model speaks, then one `result`.

The turn never waits for its client: what a slow one does not take is held and joined, so that at most the text of the
turn is kept. Until the first token nothing is sent, so that whatever goes wrong before it keeps its plain status.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from .messages import Listener, TurnResult

log = logging.getLogger(__name__)


def _frame(event: str, data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.encode(), orjson.dumps(data))


class _HeldText:
    """A Listener that holds what it heard until the client takes it."""

    def __init__(self) -> None:
        # (step, text); None instead of a text: the step begins anew.
        self._held: list[tuple[int, str | None]] = []
        self._changed = asyncio.Event()
        self._ended = False

    def token(self, step: int, text: str) -> None:
        if self._held:
            last_step, last = self._held[-1]
            if last_step == step and last is not None:
                self._held.pop()
                text = last + text
        self._add(step, text)

    def restart(self, step: int) -> None:
        self._held = [held for held in self._held if held[0] != step]
        self._add(step, None)

    def _add(self, step: int, text: str | None) -> None:
        if not self._ended:
            self._held.append((step, text))
            self._changed.set()

    def end(self) -> None:
        """Nothing more will be heard, or nobody listens any more."""
        self._ended = True
        self._changed.set()

    async def frames(self) -> AsyncIterator[bytes]:
        """What there is to send, whenever there is something, until the end."""
        while not self._ended or self._held:
            await self._changed.wait()
            self._changed.clear()
            held, self._held = self._held, []
            if held:
                yield b"".join(
                    _frame("restart", {"step": step}) if text is None else _frame("token", {"step": step, "text": text})
                    for step, text in held
                )


async def stream_turn(request: web.Request, run: Callable[[Listener], Awaitable[TurnResult]]) -> web.StreamResponse:
    """Answers the request with the turn's tokens and its result. Raises what the turn raises before its first token."""
    held = _HeldText()
    turn = asyncio.ensure_future(run(held))
    turn.add_done_callback(lambda _: held.end())
    response = web.StreamResponse(headers={"content-type": "text/event-stream", "cache-control": "no-cache"})
    try:
        async for frames in held.frames():
            if not response.prepared:
                await response.prepare(request)
            await response.write(frames)
        if not response.prepared and turn.exception() is None:
            await response.prepare(request)
        if response.prepared:
            await response.write(_last(turn))
            await response.write_eof()
    except ConnectionError:
        # The client has gone; the turn goes on.
        held.end()
        turn.add_done_callback(_retrieve)
        return response
    if not response.prepared:
        turn.result()
    return response


def _last(turn: asyncio.Future[TurnResult]) -> bytes:
    try:
        return _frame("result", turn.result())
    except Exception as error:
        log.exception("a turn broke after its first token")
        return _frame("error", {"error": str(error)})


def _retrieve(turn: asyncio.Future[TurnResult]) -> None:
    """Whoever runs the turn logs its error; nobody is left here to read it."""
    if not turn.cancelled():
        turn.exception()
