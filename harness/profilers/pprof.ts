/**
 * pprof of the Go runtime, which comes with the language. A runner writes it itself: to the file that DERBY_PROFILE names, when it
 * ends (`runners/CONTRACT.md`).
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFlamePage } from "./flame-page.ts";
import { type Profiler, runTool } from "./profiler.ts";
import { pprofStacks } from "./stacks.ts";

const PRINTS = "go tool pprof -traces -unit=ms".split(" ");
const PROFILE = "cpu.pb.gz";
const PRINTED = "traces.txt";

export const pprof: Profiler = {
  name: "pprof",
  about: "flame graph of the Go runtime's own samples, and the profile for go tool pprof",
  languages: ["Go"],
  tool: { kind: "program", program: PRINTS[0] ?? "", how: "On Debian: apt-get install golang-go." },
  wrap: (start, into) => ({ ...start, env: { ...start.env, DERBY_PROFILE: join(into, PROFILE) } }),
  async draw(into, title) {
    const file = join(into, PROFILE);
    // The file is made at the start and filled at the end: a killed process leaves it empty.
    if (!existsSync(file) || statSync(file).size === 0) return [];
    const logFile = join(into, PRINTED);
    await runTool([...PRINTS, PROFILE], { cwd: into, logFile });
    const stacks = pprofStacks(readFileSync(logFile, "utf8"));
    return [writeFlamePage(into, { title, unit: "ms", stacks }), PROFILE];
  },
};
