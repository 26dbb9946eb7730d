"""Looks into the interpreter for the harness, and knows nothing of sessions.

Where DERBY_OBSERVE names a file prefix it notes, in milliseconds of CLOCK_MONOTONIC:

- collections of the cycle collector of 0.1 ms and more; all of them stop the loop, whichever thread they run in, as
  they hold the interpreter's lock. A full one (generation 2) is `major`. What reference counting frees at once is no
  collection;
- stalls of the event loop: 20 ms and more in which its thread computed and the loop's timers had to wait;
- once a second the resident set as `usedBytes` (CPython does not know the size of its heap), the loop thread's share of
  the processor, and the longest that a timer of 10 ms was late.

The first process of a start also beats into the harness's pipe, from the event loop. An observer must not break what it
observes: it gives up silently, and what a kill interrupts is lost up to one batch.
"""

import asyncio
import gc
import json
import os
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_LOOK_EVERY_S = 0.01
_WRITE_EVERY_S = 0.25
_HEAP_EVERY_S = 1.0
_STALL_S = 0.02
_COLLECTION_S = 0.0001
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

Note = Callable[[dict[str, Any]], None]


def start() -> None:
    """Observes the running loop from here on, if somebody asked for it."""
    if prefix := os.environ.get("DERBY_OBSERVE"):
        # Where the folder is gone the runtime goes on unobserved, and the reader finds no file.
        with suppress(OSError):
            _Observer(prefix).look()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


class _Observer:
    def __init__(self, prefix: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._file = os.open(f"{prefix}.{os.getpid()}.0", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._lines: list[str] = []
        self._beat = _open_beat(prefix)
        self._collections = _Collections(self._note)
        self._stalls = _Stalls(self._note)
        self._due = self._written = time.monotonic()
        gc.callbacks.append(self._collections)

    def _note(self, line: dict[str, Any]) -> None:
        self._lines.append(json.dumps(line, separators=(",", ":")))

    def look(self) -> None:
        now = time.monotonic()
        self._beat(now)
        self._stalls.look(now, self._due)
        try:
            if self._lines and now - self._written >= _WRITE_EVERY_S:
                lines, self._lines, self._written = self._lines, [], now
                os.write(self._file, ("\n".join(lines) + "\n").encode())
        except OSError:
            gc.callbacks.remove(self._collections)
            return
        self._due = time.monotonic() + _LOOK_EVERY_S
        self._loop.call_later(_LOOK_EVERY_S, self.look)


class _Collections:
    """A callback of the garbage collector."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._began = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        now = time.monotonic()
        if phase == "start":
            self._began = now
        elif now - self._began >= _COLLECTION_S:
            kind = "major" if info["generation"] == 2 else "minor"
            self._note({"e": "gc", "at": _ms(self._began), "kind": kind, "ms": _ms(now - self._began)})


class _Stalls:
    """Finds stalls from single looks, and sums up each second.

    A look that comes late had to wait at least that long, and the loop may have been at it for one interval more. The
    processor time of the loop's thread bounds it from above: a process that was stopped while it waited for events has
    not stalled.
    """

    def __init__(self, note: Note) -> None:
        self._note = note
        self._cpu = self._second_cpu = time.thread_time()
        self._second_began = time.monotonic()
        self._latest = 0.0

    def look(self, now: float, due: float) -> None:
        cpu = time.thread_time()
        late = now - due
        stall = min(late + _LOOK_EVERY_S, cpu - self._cpu)
        if stall >= _STALL_S and late >= _STALL_S - _LOOK_EVERY_S:
            self._note({"e": "stall", "at": _ms(now - stall), "ms": _ms(stall)})
        self._cpu = cpu
        self._latest = max(self._latest, late)
        if now - self._second_began >= _HEAP_EVERY_S:
            self._note_second(now, cpu)

    def _note_second(self, now: float, cpu: float) -> None:
        busy = min(1.0, (cpu - self._second_cpu) / (now - self._second_began))
        line = {"e": "heap", "at": _ms(now), "busy": round(busy, 4), "delayMs": _ms(self._latest)}
        if (resident := _resident_bytes()) is not None:
            self._note({**line, "usedBytes": resident})
        self._second_began, self._second_cpu, self._latest = now, cpu, 0.0


def _resident_bytes() -> int | None:
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * _PAGE_BYTES
    except OSError:
        return None


def _open_beat(prefix: str) -> Callable[[float], None]:
    """What writes an instant into the pipe; nothing where another process of this start beats, or nobody reads."""
    try:
        os.close(os.open(f"{prefix}.beating", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        pipe = os.open(f"{prefix}.beat", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return lambda _now: None
    broken = False

    def beat(now: float) -> None:
        nonlocal broken
        if broken:
            return
        try:
            os.write(pipe, struct.pack("<d", now * 1000))
        except BlockingIOError:
            # The pipe is full: this beat is dropped.
            pass
        except OSError:
            broken = True

    return beat
