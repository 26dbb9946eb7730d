import { expect, test } from "vitest";
import { flameTree, foldedStacks, heaviest, perfStacks, pprofStacks } from "./stacks.ts";

test("folded stacks are read line by line, and lines that are none are left out", () => {
  expect(foldedStacks("main;serve (a b.py:3);parse 7\n\npy-spy> Sampling\nmain 2\n")).toEqual([
    { frames: ["main", "serve (a b.py:3)", "parse"], weight: 7 },
    { frames: ["main"], weight: 2 },
  ]);
});

test("a sample of perf becomes a stack below its thread's name, outermost first, without offsets", () => {
  const text = `1_scheduler 25019 35020.559730:    5025125 cpu-clock:ppp: 
\t    7fdec3cd25d8 $'Elixir.Enum':'-sum/1-lists^foldl/2-0-'/2+0x0 (/tmp/perf-25003.map)
\t    7fdec3551cf4 $'Elixir.B':b/1+0xa4 (/tmp/perf-25003.map)

beam.smp 25003/25004 35019.954719:    5025125 cpu-clock:ppp: 
\t          243b75 [unknown] (/usr/lib/erlang/bin/beam.smp)
\t          243b76 [unknown] (/usr/lib/erlang/bin/beam.smp)
\t               0 [unknown] ([unknown])

`;
  expect(perfStacks(text)).toEqual([
    { frames: ["1_scheduler", "'Elixir.B':b/1", "'Elixir.Enum':'-sum/1-lists^foldl/2-0-'/2"], weight: 1 },
    { frames: ["beam.smp", "[beam.smp]"], weight: 1 },
  ]);
});

test("the traces of pprof are turned over, and labels are no frames", () => {
  const text = `File: server
Type: cpu
Duration: 22.06s, Total samples = 40ms ( 0.18%)
-----------+-------------------------------------------------------
      10ms   runtime.memmove
             main.play
             main.main
-----------+-------------------------------------------------------
             session:[a b]
      30ms   main.play (inline)
             main.main
-----------+-------------------------------------------------------
`;
  expect(pprofStacks(text)).toEqual([
    { frames: ["main.main", "main.play", "runtime.memmove"], weight: 10 },
    { frames: ["main.main", "main.play (inline)"], weight: 30 },
  ]);
});

test("a tree adds up: every frame weighs itself and what it calls, heaviest first", () => {
  const tree = flameTree([
    { frames: ["a", "b"], weight: 1 },
    { frames: ["a", "c"], weight: 3 },
    { frames: ["a"], weight: 2 },
  ]);
  expect(tree).toEqual({
    name: "all",
    self: 0,
    total: 6,
    children: [
      {
        name: "a",
        self: 2,
        total: 6,
        children: [
          { name: "c", self: 3, total: 3, children: [] },
          { name: "b", self: 1, total: 1, children: [] },
        ],
      },
    ],
  });
});

test("the heaviest frames are weighed as innermost ones, under whatever callers", () => {
  const stacks = foldedStacks("a;x 2\nb;x 3\nx;y 4\nz 1");
  expect(heaviest(stacks, 2)).toEqual([
    { name: "x", weight: 5 },
    { name: "y", weight: 4 },
  ]);
});
