import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { allowedCores, planCores } from "../processes/cores.ts";
import { hasProc, readProcess } from "../processes/process-table.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { burnBeside } from "./burn-beside.ts";
import { changed, planned, underFault } from "./testing/under-fault.ts";

/** A server that never rests, so that whoever shares its core takes time from it. */
const restless = (): ReturnType<typeof tinyRuntime> =>
  changed(tinyRuntime(), {
    command: [
      "node",
      "-e",
      "require('./server.cjs'); setInterval(() => { const t = Date.now() + 9; while (Date.now() < t); }, 10)",
    ],
  });

/** Milliseconds for which a process could have run and was not let (second field of schedstat). */
const waitedMs = (pid: number): number => Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[1]) / 1e6;

test.skipIf(!hasProc || planCores() === null)(
  "busy loops take time from the runtime on its cores, the watchdog knows of them, and the cure ends them",
  async () => {
    const cores = planCores()?.runtime ?? null;
    const { target, runtime, watched } = await underFault(restless(), cores);
    const [victim = 0] = runtime.pids("app");
    const before = waitedMs(victim);
    const { proof, cure } = await burnBeside.inject(target, planned({ burners: 3, forMs: 1 }));
    expect(proof).toMatch(/^3 busy loops \(pid \d+, \d+, \d+\) are running, and have used \d+ ticks of CPU in \d+ ms/);
    const loops = [...watched];
    expect(loops.map(allowedCores)).toEqual([cores, cores, cores]);
    await vi.waitFor(() => expect(waitedMs(victim) - before).toBeGreaterThan(100), { timeout: 10_000 });
    await cure();
    expect(loops.flatMap((pid) => readProcess(pid) ?? [])).toEqual([]);
    expect(watched.size).toBe(0);
  },
);
