"""The model client against a real server that answers by script."""

import asyncio
import os
import unittest
from collections.abc import Awaitable, Callable

import orjson
from agent_kit.messages import TurnFailed
from agent_kit.model import ask_model
from agent_kit.outbound import open_client
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]
SILENCE_S = 0.1
WELL = {"role": "assistant", "content": "all is well"}


def frame(delta: dict, finish: str | None = None) -> bytes:
    return b"data: %b\n\n" % orjson.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def streams(*frames: bytes, then: str = "ends") -> Reply:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for one in frames:
            await response.write(one)
        if then == "is cut":
            request.transport.abort()
        if then == "is silent":
            await asyncio.sleep(SILENCE_S * 100)
        return response

    return reply


def status(code: int, error: dict | None = None, headers: dict | None = None) -> Reply:
    async def reply(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": error or {}}, status=code, headers=headers)

    return reply


WELL_SAID = streams(frame({"content": "all is "}), frame({"content": "well"}, "stop"), b"data: [DONE]\n\n")
HALF = frame({"content": "half"})

PASSING = {
    "a 429": status(429),
    "a 500": status(500),
    "a stream without a finish_reason": streams(HALF, b"data: [DONE]\n\n"),
    "a stream that ends without anything": streams(HALF),
    "a connection cut after bytes": streams(HALF, then="is cut"),
    "a connection cut before any": streams(then="is cut"),
    "an error event after bytes": streams(HALF, b'data: {"error":{"message":"overloaded"}}\n\n'),
    "an event that is no JSON": streams(HALF, b"data: {broken\n\n"),
    "an event of another API": streams(HALF, b'data: ["type"]\n\n'),
    "silence after the headers": streams(then="is silent"),
    "silence after bytes": streams(HALF, then="is silent"),
}
REFUSED = {
    "a 400": (status(400), "model_refused"),
    "a 401": (status(401, {"code": "invalid_api_key"}), "model_refused"),
    "an overflow": (status(400, {"code": "context_length_exceeded"}), "context_overflow"),
}


class Heard:
    """A listener that writes down."""

    def __init__(self) -> None:
        self.notes: list[tuple] = []

    def token(self, step: int, text: str) -> None:
        self.notes.append((step, text))

    def restart(self, step: int) -> None:
        self.notes.append((step, None))


class AskModel(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.replies: list[Reply] = []
        self.waits: list[float] = []
        self.heard = Heard()
        app = web.Application()
        app.router.add_post("/chat/completions", self.reply)
        self.server = TestServer(app)
        await self.server.start_server(shutdown_timeout=0)
        self.addAsyncCleanup(self.server.close)
        os.environ["MODEL_URL"] = str(self.server.make_url("")).rstrip("/")
        self.http = open_client()
        self.addAsyncCleanup(self.http.close)

    async def reply(self, request: web.Request) -> web.StreamResponse:
        return await self.replies.pop(0)(request)

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def ask(self, *replies: Reply) -> dict:
        self.replies = [*replies]
        conversation = [{"role": "user", "content": "hello"}]
        return await ask_model(self.http, conversation, 3, self.heard, silence=SILENCE_S, wait=self.wait)

    async def test_asks_again_where_it_may_help_and_keeps_nothing_of_the_first_try(self) -> None:
        for what, reply in PASSING.items():
            with self.subTest(what):
                self.waits.clear()
                self.assertEqual(await self.ask(reply, WELL_SAID), WELL)
                self.assertEqual(len(self.waits), 1)

    async def test_takes_back_what_was_heard_of_half_an_answer(self) -> None:
        await self.ask(PASSING["a stream without a finish_reason"], WELL_SAID)
        self.assertEqual(self.heard.notes, [(3, "half"), (3, None), (3, "all is "), (3, "well")])

    async def test_gives_up_after_four_more_tries_with_waits_that_double(self) -> None:
        with self.assertRaises(TurnFailed) as raised:
            await self.ask(*[status(503)] * 5)
        self.assertEqual(raised.exception.code, "model_unavailable")
        for attempt, seconds in enumerate(self.waits):
            self.assertTrue(0.375 * 2**attempt <= seconds <= 0.5 * 2**attempt, seconds)
        self.assertEqual(len(self.waits), 4)

    async def test_gives_up_likewise_where_nobody_listens(self) -> None:
        os.environ["MODEL_URL"] = f"http://127.0.0.1:{unused_port()}"
        with self.assertRaises(TurnFailed):
            await self.ask()
        self.assertEqual(len(self.waits), 4)

    async def test_does_not_ask_again_where_it_cannot_help(self) -> None:
        for what, (reply, code) in REFUSED.items():
            with self.subTest(what), self.assertRaises(TurnFailed) as raised:
                await self.ask(reply)
            self.assertEqual(raised.exception.code, code)
        self.assertEqual(self.waits, [])

    async def test_waits_as_retry_after_says_and_never_longer_than_30_s(self) -> None:
        for header, seconds in {"3": 3, "0.25": 0.25, "120": 30, "-5": 0, "Sat, 21 Nov 2020 00:00:00 GMT": 0}.items():
            with self.subTest(header):
                self.waits.clear()
                await self.ask(status(429, headers={"retry-after": header}), WELL_SAID)
                self.assertEqual(self.waits, [seconds])

    async def test_puts_the_pieces_of_parallel_calls_together_by_index(self) -> None:
        def call(index: int, **function: str) -> bytes:
            return frame({"tool_calls": [{"index": index, "id": f"id{index}", "function": function}]})

        message = await self.ask(
            streams(
                call(1, name="two", arguments=""),
                call(0, name="one", arguments='{"x"'),
                call(1, arguments='{"y":2}'),
                call(0, arguments=":1}"),
                frame({}, "tool_calls"),
                b"data: [DONE]\n\n",
            )
        )
        self.assertIsNone(message["content"])
        calls = [(one["id"], *one["function"].values()) for one in message["tool_calls"]]
        self.assertEqual(calls, [("id0", "one", '{"x":1}'), ("id1", "two", '{"y":2}')])
