import { expect, test } from "vitest";
import { isStopped, threadStates } from "../processes/freeze-trees.ts";
import { hasProc, processTree } from "../processes/process-table.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { freeze } from "./freeze.ts";
import { answering, ask, changed, planned, underFault } from "./testing/under-fault.ts";

test.skipIf(!hasProc)(
  "a frozen tree accepts connections and answers nobody; after the thaw it answers what was asked meanwhile",
  async () => {
    // The shell stays as the parent of the server, so two processes must stand still.
    const { target, runtime, events } = await underFault(
      changed(tinyRuntime(), { command: ["sh", "-c", "node server.cjs; exit 0"] }),
    );
    const victims = processTree(runtime.pids("app"));
    expect(victims).toHaveLength(2);
    const { proof, cure } = await freeze.inject(target, planned({ forMs: 400 }));
    expect(proof).toBe("SIGSTOP to role app: every thread of all 2 processes stands still (state T).");
    expect(victims.flatMap(({ pid }) => threadStates(pid))).toEqual(["T", "T"]);
    const asked = performance.now();
    const waiting = ask(runtime.baseUrl);
    expect(await ask(runtime.baseUrl, 100)).toBe("silent");
    await cure();
    expect(victims.some(isStopped)).toBe(false);
    expect(await waiting).toMatchObject({ env: { INCARNATION: "1" } });
    expect(performance.now() - asked).toBeGreaterThanOrEqual(200);
    expect(await answering(runtime.baseUrl)).toMatchObject({ INCARNATION: "1" });
    expect(events.filter(({ e }) => e === "exit")).toEqual([]);
  },
);
