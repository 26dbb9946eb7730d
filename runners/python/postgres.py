"""The store on Postgres: a turn is a row, there before the model is asked and finished before the client is answered.

What happens within a turn is not written down; one that was interrupted begins anew. What the model and the clients
wrote is kept as JSON text, byte for byte, since no `text` of Postgres can hold U+0000 but as an escape.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import orjson
from agent_kit.tools import Remembered

from store import FinishedTurn, Saved, StoreAway

# A statement, and the wait for a connection, may take this long.
_LIMIT_S = 10.0

# Two processes that start together would both find no table and both create it; the lock makes one of them wait.
_SET_UP = """
BEGIN;
SELECT pg_advisory_xact_lock(7310255);
CREATE SEQUENCE IF NOT EXISTS order_of_finishing;
CREATE TABLE IF NOT EXISTS turns (
  session text NOT NULL,
  turn text NOT NULL,
  input json NOT NULL,
  starts integer NOT NULL,
  finished bigint,
  result json,
  messages json,
  PRIMARY KEY (session, turn)
);
CREATE INDEX IF NOT EXISTS turns_unfinished ON turns (session) WHERE finished IS NULL;
CREATE TABLE IF NOT EXISTS remembered (
  session text NOT NULL,
  tool text NOT NULL,
  arguments json NOT NULL,
  PRIMARY KEY (session, tool)
);
COMMIT;
"""
_BEGIN = """
INSERT INTO turns (session, turn, input, starts) VALUES ($1, $2, $3, 1)
ON CONFLICT (session, turn) DO UPDATE SET starts = turns.starts + 1 RETURNING starts
"""
_FINISH = """
UPDATE turns SET finished = nextval('order_of_finishing'), result = $3, messages = $4
WHERE session = $1 AND turn = $2 AND finished IS NULL
"""
_REMEMBER = """
INSERT INTO remembered (session, tool, arguments) VALUES ($1, $2, $3)
ON CONFLICT (session, tool) DO UPDATE SET arguments = EXCLUDED.arguments
"""
_INTERRUPTED = "SELECT DISTINCT session FROM turns WHERE finished IS NULL"
_TURNS = "SELECT turn, input, result, messages FROM turns WHERE session = $1 ORDER BY finished NULLS LAST"
_REMEMBERED = "SELECT tool, arguments FROM remembered WHERE session = $1"

# Not "our statement is wrong" but "the database is not there": it goes down, is full, or the connection broke.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except _AWAY as error:
        raise StoreAway(f"Postgres: {error!r}") from error


def _text(value: object) -> str:
    return orjson.dumps(value).decode()


class PostgresStore:
    """Rows of one database, through asyncpg's pool with its default of ten connections."""

    durable = True

    def __init__(self, url: str) -> None:
        self._pool = asyncpg.create_pool(url, command_timeout=_LIMIT_S, timeout=_LIMIT_S)

    async def open(self) -> None:
        with _away():
            # Connects; does nothing where that is done.
            await self._pool
            await self._pool.execute(_SET_UP)

    async def interrupted(self) -> list[str]:
        with _away():
            return [row["session"] for row in await self._pool.fetch(_INTERRUPTED)]

    async def load(self, session: str) -> Saved | None:
        with _away():
            async with self._pool.acquire() as connection:
                turns = await connection.fetch(_TURNS, session)
                remembered = await connection.fetch(_REMEMBERED, session) if turns else []
        if not turns:
            return None
        saved = Saved(remembered={row["tool"]: row["arguments"] for row in remembered})
        for row in turns:
            turn, text = row["turn"], orjson.loads(row["input"])
            if row["result"] is None:
                saved.interrupted.append((turn, text))
            else:
                result, messages = orjson.loads(row["result"]), orjson.loads(row["messages"])
                saved.finished.append(FinishedTurn(turn, text, result, messages))
        return saved

    async def begin(self, session: str, turn: str, text: str) -> int:
        with _away():
            return await self._pool.fetchval(_BEGIN, session, turn, _text(text))

    async def finish(self, session: str, finished: FinishedTurn) -> None:
        with _away():
            await self._pool.execute(_FINISH, session, finished.turn, _text(finished.result), _text(finished.messages))

    async def remember(self, session: str, tool: Remembered, arguments: str) -> None:
        with _away():
            await self._pool.execute(_REMEMBER, session, tool, arguments)

    async def close(self) -> None:
        # A turn that still runs would be waited for; what it has not committed, the next start takes up.
        self._pool.terminate()
