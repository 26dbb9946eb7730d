"""Server-sent events out of bytes, however the network cut them."""

import re
from collections.abc import Iterator

# A CR at the very end may be the first half of a CRLF: it waits for the next piece.
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


class EventParser:
    """Gives the data of each event as soon as its last byte is there.

    Lines are cut as bytes, so a character that arrives in two pieces is whole again before anybody decodes it.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Takes the next bytes and gives the data of the events that end in them."""
        *lines, self._rest = _LINE_END.split(self._rest + piece)
        for line in lines:
            if not line:
                if self._data:
                    yield b"\n".join(self._data)
                self._data.clear()
            elif line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
