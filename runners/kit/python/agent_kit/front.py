"""The HTTP front of a runner: speaks the contract's requests and statuses, and hands turns to an agent.

It knows nothing of sessions: joining, queueing, refusing and keeping are the agent's. A broken client connection never
cancels a turn, and SIGTERM lets running turns finish for a while.
"""

import asyncio
import logging
import os
import signal
from typing import Any, Protocol

import orjson
from aiohttp import web

from .messages import Listener, TurnResult
from .streams import stream_turn

log = logging.getLogger(__name__)

ID_MAX_LENGTH = 64
DRAIN_MAX_S = 10.0
# After a restart every waiting client connects within one instant. With aiohttp's default of 128 the kernel drops what
# is above it, and the client's TCP tries again only after a whole second, which would be measured as the runtime's.
BACKLOG = 4096


class Refused(Exception):
    """The turn was certainly not accepted: 409 for another input, 503 for "not now"."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Unknown(Exception):
    """Nobody knows how the turn stands, for a reason that is no bug: 500, without a traceback in the log."""


class Malformed(Exception):
    """The request is not one of the contract's."""


class Agent(Protocol):
    """What a runner offers behind the front."""

    @property
    def ready(self) -> bool:
        """False until turns are accepted."""

    async def run_turn(self, session: str, turn: str, text: str, listener: Listener | None = None) -> TurnResult:
        """Runs the turn or joins the one that runs. Raises Refused, or anything else when nobody knows."""

    async def read_session(self, session: str) -> list[dict[str, Any]] | None:
        """Finished turns in order of finishing; None for a session that is not known."""


class Front:
    """Listens at 127.0.0.1 between `open` and the end of `drain`."""

    def __init__(self, agent: Agent, runtime: str, version: str) -> None:
        self._agent = agent
        self._about = {"runtime": runtime, "version": version}
        self._draining = False
        # Requests that are being answered, whether or not their clients still listen.
        self._running: set[asyncio.Task[Any]] = set()
        app = web.Application(middlewares=[self._answer])
        app.router.add_get("/healthz", self._health)
        app.router.add_put("/sessions/{session}/turns/{turn}", self._put_turn)
        app.router.add_get("/sessions/{session}", self._get_session)
        # What still runs when draining ends has had its time.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        self._site: web.TCPSite | None = None

    async def open(self, port: int) -> None:
        """Listens from here on."""
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", port, backlog=BACKLOG)
        await self._site.start()

    async def drain(self) -> bool:
        """Accepts nothing more and waits for the running turns, at most 10 s; False if some have not ended."""
        self._draining = True
        if self._site is not None:
            await self._site.stop()
        late = self._running and (await asyncio.wait(self._running, timeout=DRAIN_MAX_S))[1]
        await self._runner.cleanup()
        return not late

    @web.middleware
    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            return await handler(request)
        except Refused as error:
            return _json(error.status, {"error": str(error)}, {"retry-after": "1"} if error.status == 503 else None)
        except Malformed as error:
            return _json(400, {"error": str(error)})
        except Unknown as error:
            return _json(500, {"error": str(error)})
        except web.HTTPException as error:
            return _json(error.status, {"error": error.reason})
        except Exception as error:
            log.exception("%s %s", request.method, request.path)
            return _json(500, {"error": str(error)})
        finally:
            self._running.discard(task)

    @property
    def _accepting(self) -> bool:
        return not self._draining and self._agent.ready

    async def _health(self, _request: web.Request) -> web.Response:
        return _json(200 if self._accepting else 503, self._about)

    async def _put_turn(self, request: web.Request) -> web.StreamResponse:
        session, turn = _id(request, "session"), _id(request, "turn")
        text = await _input(request)
        if not self._accepting:
            raise Refused(503, "no turns are accepted now")
        if "text/event-stream" not in request.headers.get("accept", ""):
            return _json(200, await self._agent.run_turn(session, turn, text))
        return await stream_turn(request, lambda listener: self._agent.run_turn(session, turn, text, listener))

    async def _get_session(self, request: web.Request) -> web.Response:
        session = _id(request, "session")
        if not self._accepting:
            raise Refused(503, "sessions cannot be told yet")
        turns = await self._agent.read_session(session)
        return _json(404, {"error": "not found"}) if turns is None else _json(200, {"turns": turns})


async def terminated() -> None:
    """Returns when the process is asked to end by SIGTERM."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    await asked.wait()


def port_from_environment() -> int:
    """The port that the harness chose."""
    return int(os.environ["PORT_HTTP"])


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json", headers=headers)


def _id(request: web.Request, name: str) -> str:
    value = request.match_info[name]
    if len(value) > ID_MAX_LENGTH:
        raise Malformed(f"a {name} has 1 to {ID_MAX_LENGTH} characters")
    return value


async def _input(request: web.Request) -> str:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise Malformed("the body is no JSON") from None
    except web.HTTPRequestEntityTooLarge as error:
        raise Malformed(error.text or "the body is too large") from None
    match body:
        case {"input": str(text)}:
            return text
    raise Malformed('the body has no string "input"')
