"""All sessions of the process, in a dict.

A turn is a task: the same turn again awaits the same task, and the next turn of a session waits at its lock, which is
fair. What outlives the process is the store's business.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import aiohttp
import orjson
from agent_kit.compute import Compute
from agent_kit.front import Refused
from agent_kit.messages import Conversation, Listener, TurnFailed, TurnResult
from agent_kit.tools import MemoryHolder, ToolContext, ToolError, crash_if_told

from agent_loop import run_agent
from store import FinishedTurn, Store, StoreAway

log = logging.getLogger(__name__)
T = TypeVar("T")

# A turn that ends its process each time would otherwise do so for ever.
MOST_INTERRUPTIONS = 20
# Pause before a turn that broke, a session that could not be loaded, or a store that is away is tried again.
_AGAIN_S = 1.0
_FIRST_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class _Turn:
    """Waiting, running or finished."""

    text: str
    result: Awaitable[TurnResult]


@dataclass(slots=True)
class _Session:
    name: str
    conversation: Conversation = field(default_factory=list)
    turns: dict[str, _Turn] = field(default_factory=dict)
    finished: list[dict[str, Any]] = field(default_factory=list)
    memory: MemoryHolder = field(default_factory=MemoryHolder)
    one_turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def keep(self, ended: FinishedTurn) -> None:
        self.conversation.extend(ended.messages)
        self.finished.append(ended.listed())


class Sessions:
    """The agent behind the front."""

    def __init__(self, store: Store, compute: Compute, http: aiohttp.ClientSession) -> None:
        self._store = store
        self._compute = compute
        self._http = http
        # A session is a task that loads it: whoever comes meanwhile awaits the same one.
        self._sessions: dict[str, asyncio.Task[_Session]] = {}
        # The event loop itself holds tasks weakly.
        self._background: set[asyncio.Task[Any]] = set()
        self.ready = False

    async def open(self) -> None:
        """Makes ready, then takes up what an earlier process left unfinished, unasked. Turns are accepted meanwhile."""
        await _until_there(self._store.open)
        self.ready = True
        waiting = await _until_there(self._store.interrupted)
        if waiting:
            log.info("sessions with an interrupted turn: %d", len(waiting))
        while waiting:
            loaded = await asyncio.gather(*map(self._session, waiting), return_exceptions=True)
            failed = {name: one for name, one in zip(waiting, loaded, strict=True) if isinstance(one, BaseException)}
            for name, error in failed.items():
                log.warning("session %s was not loaded: %r", name, error)
            waiting = list(failed)
            await asyncio.sleep(_AGAIN_S)

    async def run_turn(self, name: str, turn: str, text: str, listener: Listener | None = None) -> TurnResult:
        """Runs the turn after those before it, joins it, or answers what was kept.

        The listener hears the turn if it begins with this very request; who joins it waits for its result. Raises
        Refused where the turn has another input; anything else means that nobody knows how it stands.
        """
        session = await self._session(name)
        known = session.turns.get(turn) or self._start(session, turn, text, listener)
        if known.text != text:
            raise Refused(409, f"turn {turn} was asked with another input")
        # Whoever asked may be cancelled; the turn is not.
        return await asyncio.shield(known.result)

    async def read_session(self, name: str) -> list[dict[str, Any]] | None:
        """Finished turns in order of finishing; None for a session that is not known."""
        try:
            if name in self._sessions:
                return (await self._session(name)).finished
            saved = await self._store.load(name)
        except StoreAway as error:
            raise Refused(503, str(error)) from error
        return None if saved is None else [ended.listed() for ended in saved.finished]

    async def _session(self, name: str) -> _Session:
        loading = self._sessions.get(name)
        if loading is None:
            loading = self._sessions[name] = asyncio.create_task(self._load(name))
        try:
            return await asyncio.shield(loading)
        except Exception:
            if self._sessions.get(name) is loading:
                del self._sessions[name]
            raise

    async def _load(self, name: str) -> _Session:
        """The load hook: dies if it was told to, holds what was held, and takes up what was interrupted."""
        session = _Session(name)
        saved = await self._store.load(name)
        if saved is None:
            return session
        if crash := saved.remembered.get("crash"):
            await crash_if_told(self._http, crash)
        if held := saved.remembered.get("hold_memory"):
            session.memory.hold(orjson.loads(held))
        for ended in saved.finished:
            session.keep(ended)
            session.turns[ended.turn] = _Turn(ended.text, _settled(ended.result))
        for turn, text in saved.interrupted:
            self._start(session, turn, text)
        return session

    def _start(self, session: _Session, turn: str, text: str, listener: Listener | None = None) -> _Turn:
        task = asyncio.create_task(self._run(session, turn, text, listener))
        started = session.turns[turn] = _Turn(text, task)
        task.add_done_callback(partial(self._ended, session, turn, text))
        return started

    def _ended(self, session: _Session, turn: str, text: str, task: asyncio.Task[TurnResult]) -> None:
        """A turn that broke has no answer to keep: it is forgotten, so that it may be asked for again."""
        if task.cancelled() or task.exception() is None:
            return
        log.error("turn %s of session %s broke: %r", turn, session.name, task.exception())
        del session.turns[turn]
        if self._store.durable:
            again = asyncio.create_task(self._start_again(session, turn, text))
            self._background.add(again)
            again.add_done_callback(self._background.discard)

    async def _start_again(self, session: _Session, turn: str, text: str) -> None:
        await asyncio.sleep(_AGAIN_S)
        if turn not in session.turns:
            self._start(session, turn, text)

    async def _run(self, session: _Session, turn: str, text: str, listener: Listener | None) -> TurnResult:
        async with session.one_turn:
            starts = await self._store.begin(session.name, turn, text)
            ended = await self._play(session, turn, text, starts - 1, listener)
            # Said twice, it is kept once: while the store is away, the turn waits for it.
            await _until_there(partial(self._store.finish, session.name, ended))
            session.keep(ended)
            return ended.result

    async def _play(
        self, session: _Session, turn: str, text: str, interruptions: int, listener: Listener | None
    ) -> FinishedTurn:
        """Works on a copy of the conversation: a turn that breaks half-way leaves nothing behind."""
        conversation = [*session.conversation, {"role": "user", "content": text}]
        try:
            if interruptions > MOST_INTERRUPTIONS:
                raise TurnFailed("gave_up", f"interrupted {interruptions} times")
            result = {"output": await run_agent(conversation, self._context(session), listener)}
            return FinishedTurn(turn, text, result, conversation[len(session.conversation) :])
        except TurnFailed as failed:
            return FinishedTurn(turn, text, failed.result, [{"role": "user", "content": text}])

    def _context(self, session: _Session) -> ToolContext:
        return ToolContext(
            http=self._http,
            compute=self._compute,
            memory=session.memory,
            remember=partial(self._store.remember, session.name),
            run_child=partial(self._run_child, session.name),
        )

    async def _run_child(self, parent: str, child: str, text: str) -> str:
        if child == parent:
            raise ToolError("a session cannot be its own child: it would wait for the turn that waits for it")
        try:
            result = await self.run_turn(child, "1", text)
        except Refused as error:
            raise ToolError(f"child {child}: {error}") from error
        if "failed" in result:
            raise ToolError(f"child {child}: {result['failed']['message']}")
        return result["output"]


def _settled(result: TurnResult) -> asyncio.Future[TurnResult]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future


async def _until_there(work: Callable[[], Awaitable[T]]) -> T:
    """Tries until the store answers, with pauses that double up to a second."""
    pause = _FIRST_AGAIN_S
    while True:
        try:
            return await work()
        except StoreAway as error:
            log.warning("the store does not answer: %s", error)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _AGAIN_S)
