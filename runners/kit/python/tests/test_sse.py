"""Parsing of server-sent events."""

import unittest

from agent_kit.sse import EventParser

STREAM = (
    ": a comment\n\ndata: plain\n\r\ndata:ein Zoë 字 🐎\r\n\r\n"
    "event: token\rdata: two\rdata:  lines\rid: 7\r\rretry: 5\n\ndata:\n\ndata: never ended\n"
).encode()
EVENTS = ["plain", "ein Zoë 字 🐎", "two\n lines", ""]


def parsed(*pieces: bytes) -> list[str]:
    parser = EventParser()
    return [data.decode() for piece in pieces for data in parser.feed(piece)]


class Events(unittest.TestCase):
    def test_are_the_same_in_one_piece(self) -> None:
        self.assertEqual(parsed(STREAM), EVENTS)

    def test_are_the_same_wherever_they_are_cut(self) -> None:
        for at in range(len(STREAM)):
            with self.subTest(at=at):
                self.assertEqual(parsed(STREAM[:at], STREAM[at:]), EVENTS)

    def test_are_the_same_byte_by_byte(self) -> None:
        self.assertEqual(parsed(*(STREAM[at : at + 1] for at in range(len(STREAM)))), EVENTS)

    def test_come_with_their_last_byte(self) -> None:
        parser = EventParser()
        self.assertEqual(list(parser.feed(b"data: x\n")), [])
        self.assertEqual(list(parser.feed(b"\n")), [b"x"])
