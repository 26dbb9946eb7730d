"""Who does the local tools' CPU work: the event loop itself, a thread, or a process.

A thread leaves the loop its turn every 5 ms (`sys.getswitchinterval`) but shares the interpreter's lock with it; a
process shares nothing, and its arguments and results travel pickled.
"""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from .local_tools import Arguments

Tool = Callable[[Arguments], str]


class Compute(Protocol):
    """Runs a tool and returns its result. Raises what the tool raises."""

    async def run(self, tool: Tool, args: Arguments) -> str: ...


class Inline:
    """On the event loop, which does nothing else meanwhile."""

    async def run(self, tool: Tool, args: Arguments) -> str:
        return tool(args)


class Threads:
    """In the default executor of asyncio: up to 32 threads, min(32, cores + 4)."""

    async def run(self, tool: Tool, args: Arguments) -> str:
        return await asyncio.to_thread(tool, args)


class Processes:
    """In a pool of processes that end with this one, however it ends."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._open()

    async def run(self, tool: Tool, args: Arguments) -> str:
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, tool, args)
        except BrokenProcessPool:
            # A pool that lost a worker takes no work any more. Those who waited for it all come here; the first
            # replaces it.
            if pool is self._pool:
                self._pool = self._open()
            raise

    def _open(self) -> ProcessPoolExecutor:
        # Forked workers would inherit the listening socket and keep the port after a kill -9.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Without it a worker whose parent was killed would wait for work for ever: the others keep its queue open."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def compute_named(name: str) -> Compute:
    """The one of that name: "inline", "thread" or "process" (as many workers as CPUS)."""
    match name:
        case "inline":
            return Inline()
        case "thread":
            return Threads()
        case "process":
            return Processes(int(os.environ.get("CPUS") or os.cpu_count() or 1))
    raise ValueError(f'COMPUTE is "{name}"; expected inline, thread or process')
