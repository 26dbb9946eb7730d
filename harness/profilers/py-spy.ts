/**
 * py-spy: samples Python from outside. It starts the runtime as its child, which it may then look into without further rights, and
 * writes when that has ended. SIGTERM would end py-spy with nothing written, so it runs with that signal ignored, and the
 * runtime with it as it was before.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFlamePage } from "./flame-page.ts";
import type { Profiler } from "./profiler.ts";
import { foldedStacks } from "./stacks.ts";
import { toolFolder } from "./tool.ts";

const STACKS = "stacks.txt";
const SAMPLES_PER_SECOND = 100;

/** "process 7:"python server.py"" → "process 7": the command is the same in every profile. */
const shortened = (frame: string): string => frame.replace(/^(process \d+):.*$/, "$1");

export const pySpy: Profiler = {
  name: "py-spy",
  about: "flame graph of Python's stacks, sampled from outside",
  languages: ["Python"],
  tool: { kind: "pip", folder: "py-spy", pinned: ["py-spy==0.4.3"] },
  wrap(start, into) {
    const spy = [join(toolFolder("py-spy"), "bin", "py-spy"), "record", "--subprocesses", "--function"];
    const output = ["--rate", String(SAMPLES_PER_SECOND), "--format", "raw", "--output", join(into, STACKS), "--"];
    const unmoved = ["env", "--ignore-signal=TERM"];
    return { ...start, command: [...unmoved, ...spy, ...output, "env", "--default-signal=TERM", ...start.command] };
  },
  async draw(into, title) {
    const file = join(into, STACKS);
    if (!existsSync(file)) return [];
    const stacks = foldedStacks(readFileSync(file, "utf8")).map(({ frames, weight }) => ({
      frames: frames.map(shortened),
      weight,
    }));
    return [writeFlamePage(into, { title, unit: "samples", stacks }), STACKS];
  },
};
