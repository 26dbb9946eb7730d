"""The model client: one completion of a conversation, read as a stream, with the tries of the contract's table.

What to do with the answer is the runner's business.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson

from .messages import Conversation, Listener, Message, TurnFailed
from .sse import EventParser

MORE_TRIES = 4
RETRY_AFTER_MAX_S = 30.0
SILENCE_MAX_S = 30.0
_FIRST_BACKOFF_S = 0.5
# The share of a wait that chance may take away.
_JITTER = 0.25
# How long the end of a body may take after [DONE], so that its connection can be used again.
_END_OF_BODY_S = 0.25
_DONE = b"[DONE]"


class BrokenAnswer(Exception):
    """Half an answer, or a passing refusal; to be asked for again, after `after` seconds where the model said so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


# What may be gone at the next try. asyncio's and aiohttp's time limits are TimeoutErrors.
_PASSING = (BrokenAnswer, aiohttp.ClientError, OSError, TimeoutError)


async def ask_model(
    http: aiohttp.ClientSession,
    conversation: Conversation,
    step: int = 1,
    listener: Listener | None = None,
    *,
    silence: float = SILENCE_MAX_S,
    wait: Callable[[float], Awaitable[Any]] = asyncio.sleep,
) -> Message:
    """Sends the conversation to the model at MODEL_URL and returns its whole answer.

    The listener hears the text as it comes, as that of `step`. `silence` is how long, in seconds, the model may send no
    byte. Raises TurnFailed when the model refuses (4xx), the context overflows, or the tries are used up.
    """
    body = orjson.dumps({"model": "any", "messages": conversation, "stream": True})
    attempt = 0
    while True:
        answer = _Answer(step, listener)
        try:
            await _read_answer(http, body, answer, silence)
            return answer.message()
        except _PASSING as error:
            answer.discard()
            if attempt == MORE_TRIES:
                raise TurnFailed("model_unavailable", f"{MORE_TRIES + 1} tries, the last: {error!r}") from error
            delay = _delay(error, attempt)
        await wait(delay)
        attempt += 1


async def _read_answer(http: aiohttp.ClientSession, body: bytes, answer: "_Answer", silence: float) -> None:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence)
    headers = {"content-type": "application/json", "authorization": "Bearer any"}
    url = f"{os.environ['MODEL_URL']}/chat/completions"
    async with http.post(url, data=body, headers=headers, timeout=timeout) as response:
        if response.status != 200:
            _raise_for(response, await response.read())
        parser = EventParser()
        async for piece in response.content.iter_any():
            for data in parser.feed(piece):
                if data == _DONE:
                    await _read_end(response)
                    return
                answer.add(data)


async def _read_end(response: aiohttp.ClientResponse) -> None:
    """A connection whose body was not read to its end is closed instead of kept."""
    with suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with asyncio.timeout(_END_OF_BODY_S):
            await response.content.read()


class _Answer:
    """The message, put together from its pieces."""

    def __init__(self, step: int, listener: Listener | None) -> None:
        self._step = step
        self._listener = listener
        self._text: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._finished = False

    def add(self, data: bytes) -> None:
        try:
            event = orjson.loads(data)
            if "error" in event:
                raise BrokenAnswer(f"the model broke off: {event['error']}")
            for choice in event["choices"][:1]:
                self._add_delta(choice.get("delta") or {})
                self._finished = self._finished or bool(choice.get("finish_reason"))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise BrokenAnswer(f"an event that is none of the API's: {data[:200]!r}") from error

    def _add_delta(self, delta: dict[str, Any]) -> None:
        if text := delta.get("content"):
            self._text.append(text)
            if self._listener is not None:
                self._listener.token(self._step, text)
        # A call comes in pieces that name it by index: first its id and name, then its arguments.
        for piece in delta.get("tool_calls") or ():
            call = self._calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
            function = piece.get("function") or {}
            call["id"] = piece.get("id") or call["id"]
            call["name"] = function.get("name") or call["name"]
            call["arguments"] += function.get("arguments") or ""

    def discard(self) -> None:
        """Takes back what was heard."""
        if self._text and self._listener is not None:
            self._listener.restart(self._step)

    def message(self) -> Message:
        if not self._finished:
            raise BrokenAnswer("the stream ended without a finish_reason")
        text = "".join(self._text)
        if not self._calls:
            return {"role": "assistant", "content": text}
        calls = [
            {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
            for _, call in sorted(self._calls.items())
        ]
        return {"role": "assistant", "content": text or None, "tool_calls": calls}


def _raise_for(response: aiohttp.ClientResponse, body: bytes) -> None:
    """429 and 5xx may pass; anything else will not get better by asking again."""
    said = f"the model answered {response.status}: {body[:200].decode(errors='replace')}"
    if response.status == 429 or response.status >= 500:
        raise BrokenAnswer(said, _seconds(response.headers.get("retry-after")))
    raise TurnFailed("context_overflow" if _code_of(body) == "context_length_exceeded" else "model_refused", said)


def _code_of(body: bytes) -> Any:
    try:
        return orjson.loads(body)["error"]["code"]
    except (ValueError, LookupError, TypeError):
        return None


def _delay(error: Exception, attempt: int) -> float:
    if isinstance(error, BrokenAnswer) and error.after is not None:
        return error.after
    return _FIRST_BACKOFF_S * 2**attempt * (1 - random.random() * _JITTER)


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After is a number of seconds or an HTTP date (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    # Compared in this order, "nan" waits for nothing.
    return min(max(0.0, seconds), RETRY_AFTER_MAX_S)
