/**
 * perf of the Linux kernel: samples native code with its callers, by frame pointers. The BEAM's compiler names its code to it when
 * told so (`+JPperf`, OTP 24 and newer with the JIT), by a file in /tmp that is removed when the profile is drawn.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFlamePage } from "./flame-page.ts";
import { type Profiler, runTool } from "./profiler.ts";
import { perfStacks } from "./stacks.ts";

const DATA = "perf.data";
const PRINTED = "samples.txt";
const PID = "pid";
/** Not a divisor of anything that runs by the clock. */
const SAMPLES_PER_SECOND = 199;
const FIELDS = "comm,tid,time,event,ip,sym,dso";

/** Notes its own pid, which stays when it becomes the runtime. */
const NOTE_PID = 'echo $$ >"$0"; exec "$@"';

async function stacksOf(into: string) {
  const logFile = join(into, PRINTED);
  await runTool(["perf", "script", "-i", DATA, "-F", FIELDS], { cwd: into, logFile });
  return perfStacks(readFileSync(logFile, "utf8"));
}

export const perf: Profiler = {
  name: "perf",
  about: "flame graph of native code by the kernel's sampler, the code of the BEAM's JIT included",
  languages: ["Elixir", "Erlang", "Go", "Rust", "C", "C++"],
  tool: { kind: "program", program: "perf", how: "On Debian: apt-get install linux-perf." },
  wrap(start, into) {
    const record = ["perf", "record", "--quiet", "-F", String(SAMPLES_PER_SECOND), "--call-graph", "fp"];
    const output = ["-o", join(into, DATA), "--", "sh", "-c", NOTE_PID, join(into, PID)];
    const flags = [start.env.ERL_ZFLAGS, "+JPperf true"].filter((flag) => flag !== undefined).join(" ");
    return { ...start, command: [...record, ...output, ...start.command], env: { ...start.env, ERL_ZFLAGS: flags } };
  },
  async draw(into, title) {
    const pid = existsSync(join(into, PID)) ? readFileSync(join(into, PID), "utf8").trim() : "";
    try {
      const stacks = existsSync(join(into, DATA)) ? await stacksOf(into) : [];
      return stacks.length === 0 ? [] : [writeFlamePage(into, { title, unit: "samples", stacks })];
    } finally {
      if (/^\d+$/.test(pid)) rmSync(`/tmp/perf-${pid}.map`, { force: true });
    }
  },
};
