"""Seam: what is kept of a session beyond the process.

`NoStore` keeps nothing; `postgres.py` keeps everything but held memory.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from agent_kit.front import Unknown
from agent_kit.messages import Conversation, TurnResult
from agent_kit.tools import Remembered


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """A turn that was answered, and what it leaves in the conversation."""

    turn: str
    text: str
    result: TurnResult
    messages: Conversation

    def listed(self) -> dict[str, Any]:
        """As a reader of the session sees it."""
        return {"turn": self.turn, "input": self.text, **self.result}


@dataclass(slots=True)
class Saved:
    """All that is known of a session."""

    finished: list[FinishedTurn] = field(default_factory=list)
    # (turn, input) of what was accepted and never finished.
    interrupted: list[tuple[str, str]] = field(default_factory=list)
    # Arguments of the last call of these tools.
    remembered: dict[Remembered, str] = field(default_factory=dict)


class StoreAway(Unknown):
    """The store does not answer; nobody knows whether it took what it was last given."""


class Store(Protocol):
    """Every function raises StoreAway; what one has returned from is committed."""

    # Whether turns outlive the process: if so, one that was interrupted goes on unasked.
    durable: bool

    async def open(self) -> None:
        """Makes ready."""

    async def interrupted(self) -> list[str]:
        """Sessions in which a turn was accepted and not finished."""

    async def load(self, session: str) -> Saved | None:
        """What is known of the session; None where nothing is."""

    async def begin(self, session: str, turn: str, text: str) -> int:
        """Keeps that the turn runs; returns how often it was begun, this time included."""

    async def finish(self, session: str, finished: FinishedTurn) -> None:
        """Keeps how the turn ended."""

    async def remember(self, session: str, tool: Remembered, arguments: str) -> None:
        """Keeps the last call of a tool for the load hook."""

    async def close(self) -> None:
        """Gives back what the store holds."""


class NoStore:
    """Keeps nothing."""

    durable = False

    async def open(self) -> None:
        pass

    async def interrupted(self) -> list[str]:
        return []

    async def load(self, session: str) -> Saved | None:
        return None

    async def begin(self, session: str, turn: str, text: str) -> int:
        return 1

    async def finish(self, session: str, finished: FinishedTurn) -> None:
        pass

    async def remember(self, session: str, tool: Remembered, arguments: str) -> None:
        pass

    async def close(self) -> None:
        pass
