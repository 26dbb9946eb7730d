"""The local tools against the known answers that all languages share."""

import json
import unittest
from pathlib import Path

from agent_kit import local_tools
from agent_kit.tools import MemoryHolder

VECTORS = Path(__file__).parents[3] / "vectors.json"


class LocalTools(unittest.TestCase):
    def test_give_all_known_answers(self) -> None:
        for name, cases in json.loads(VECTORS.read_text()).items():
            tool = MemoryHolder().hold if name == "hold_memory" else getattr(local_tools, name)
            for case in cases:
                with self.subTest(name, arguments=case["arguments"]):
                    if case["result"] == {"error": True}:
                        self.assertRaises(ValueError, tool, case["arguments"])
                    else:
                        self.assertEqual(tool(case["arguments"]), case["result"])

    def test_refuse_arguments_that_are_no_integers(self) -> None:
        for seed in (None, "1", 1.5, True, -1):
            with self.subTest(seed=seed), self.assertRaisesRegex(ValueError, "seed"):
                local_tools.burn_cpu({"seed": seed, "rounds": 1})

    def test_hold_small_objects_instead_of_those_before(self) -> None:
        memory = MemoryHolder()
        memory.hold({"seed": 1, "bytes": 640})
        memory.hold({"seed": 2, "bytes": 128})
        one, two = memory.objects
        self.assertEqual(two.number, (one.number + 1) % 2**32)
        self.assertEqual(two.text, str(two.number))
