"""The words that a runner shares with the kit: messages, results of turns, and the error that ends one for good.

Messages are dicts in the shape of OpenAI's Chat Completions, so that a conversation is sent to the model as it is kept.
"""

from typing import Any, Literal, Protocol

Message = dict[str, Any]
Conversation = list[Message]
# {"output": …} or {"failed": {"code": …, "message": …}}: the body of the answer.
TurnResult = dict[str, Any]

FailureCode = Literal["model_refused", "context_overflow", "model_unavailable", "too_many_steps", "gave_up"]


class TurnFailed(Exception):
    """The turn is to be kept as failed. Any other error means that nobody knows how it stands."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def result(self) -> TurnResult:
        """How such a turn is answered."""
        return {"failed": {"code": self.code, "message": str(self)}}


class Listener(Protocol):
    """Hears the text of a turn while the model says it. It never holds the turn up and never raises."""

    def token(self, step: int, text: str) -> None:
        """A piece of the model's answer at this step, from 1."""

    def restart(self, step: int) -> None:
        """What was heard of this step is void: the answer broke off and the model is asked again."""
