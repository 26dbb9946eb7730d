import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { TrialEvent } from "../history.ts";
import { hasProc } from "../processes/process-table.ts";
import { Probing, SAMPLE_EVERY_MS } from "./probing.ts";

type Machine = Extract<TrialEvent, { e: "machine" }>;

/** Probes this very process; `look` moves the clock on and gives what was written. */
function probing(app: () => readonly number[] = () => []) {
  let nowMs = 0;
  const events: TrialEvent[] = [];
  const probed = { cores: null, app, store: () => [], witnesses: () => ({}) };
  const probe = new Probing(
    probed,
    () => nowMs,
    (event) => events.push(event),
  );
  return {
    look: (): readonly TrialEvent[] => {
      nowMs += SAMPLE_EVERY_MS;
      probe.look();
      return events.splice(0);
    },
  };
}
/** Looks until the machine is looked at. */
function machineBy(look: () => readonly TrialEvent[]): Machine {
  for (let looks = 0; looks < 100; looks++) {
    const found = look().find((event): event is Machine => event.e === "machine");
    if (found !== undefined) return found;
  }
  throw new Error("the machine is never looked at");
}

test.skipIf(!hasProc)("the runtime is sampled at every look, the machine at the first and then once a second", () => {
  const { look } = probing();
  const looks = Array.from({ length: 3_000 / SAMPLE_EVERY_MS }, look);
  const seen = (kind: TrialEvent["e"]) => looks.flatMap((events) => events.filter(({ e }) => e === kind));
  expect(seen("sample")).toHaveLength(looks.length);
  expect(seen("machine").map(({ t }) => t - SAMPLE_EVERY_MS)).toEqual([0, 1_000, 2_000]);
});

test.skipIf(!hasProc)("counters grow: our own CPU time is part of what the cores were busy with", () => {
  const { look } = probing();
  const before = machineBy(look);
  const until = process.cpuUsage().user + 200_000;
  while (process.cpuUsage().user < until);
  const after = machineBy(look);
  const ownMs = after.cpuMs.supervisor - before.cpuMs.supervisor;
  // Clocks of processes and cores tick a hundred times a second.
  expect(ownMs).toBeGreaterThanOrEqual(150);
  expect(after.harness.busyMs - before.harness.busyMs).toBeGreaterThanOrEqual(150);
  expect(after.runtime).toBeNull();
});

test.skipIf(!hasProc)("sockets are told from other open files", async () => {
  const { look } = probing();
  const before = machineBy(look).sockets.supervisor;
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const clients = Array.from({ length: 5 }, () => connect(port, "127.0.0.1"));
  onTestFinished(() => clients.forEach((client) => void client.destroy()));
  await Promise.all(clients.map((client) => once(client, "connect")));
  // The listening one, five clients, and what the server has accepted of them by now.
  const grown = machineBy(look).sockets.supervisor - before;
  expect(grown).toBeGreaterThanOrEqual(6);
  expect(grown).toBeLessThanOrEqual(11);
});

test.skipIf(!hasProc)("a process of the runtime is not counted as one of ours", async () => {
  const code =
    "const end = process.cpuUsage().user + 200000; while (process.cpuUsage().user < end); console.log(1); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  const [theirs, ours] = [machineBy(probing(() => [pid]).look), machineBy(probing().look)];
  expect(ours.restCpuMs - theirs.restCpuMs).toBeGreaterThanOrEqual(150);
});
