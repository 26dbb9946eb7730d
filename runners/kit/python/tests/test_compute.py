"""Where the local tools compute."""

import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from agent_kit.compute import Inline, Processes, Threads
from agent_kit.local_tools import burn_cpu, parse_document

# Starts a worker, tells its process id, and is killed while the worker waits for work.
PARENT = """
import asyncio, os, signal
from agent_kit.compute import Processes
from tests.test_compute import process_id

if __name__ == "__main__":
    print(asyncio.run(Processes(1).run(process_id, {})), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def process_id(_args: object) -> str:
    return str(os.getpid())


class Compute(unittest.IsolatedAsyncioTestCase):
    async def test_comes_to_the_same_results_and_errors_everywhere(self) -> None:
        for compute in (Inline(), Threads(), Processes(1)):
            with self.subTest(type(compute).__name__):
                self.assertEqual(await compute.run(burn_cpu, {"seed": 42, "rounds": 1000}), "b6b9b34e")
                with self.assertRaises(ValueError):
                    await compute.run(parse_document, {"document": "{"})

    async def test_goes_on_after_a_worker_was_lost(self) -> None:
        processes = Processes(1)
        os.kill(int(await processes.run(process_id, {})), signal.SIGKILL)
        with self.assertRaises(RuntimeError):
            while True:
                await processes.run(process_id, {})
        self.assertEqual(await processes.run(burn_cpu, {"seed": 1, "rounds": 0}), "340ca71d")

    def test_leaves_no_worker_behind_when_the_parent_is_killed(self) -> None:
        with TemporaryDirectory() as folder:
            script = Path(folder) / "parent.py"
            script.write_text(PARENT)
            environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
            # The worker holds the output open: this returns when parent and worker have ended, and fails otherwise.
            done = subprocess.run(
                [sys.executable, "-B", script],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=20,
            )
        self.assertEqual(done.returncode, -signal.SIGKILL)
        self.assertGreater(int(done.stdout), 0)
