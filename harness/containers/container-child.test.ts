/** What is asked of an engine for a start, and what becomes of its answers; the engine is the stand-in of `testing/local-engine.ts`. */
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { freeze } from "../nemeses/freeze.ts";
import { kill } from "../nemeses/kill.ts";
import { planned } from "../nemeses/testing/under-fault.ts";
import { packageRoot } from "../package-root.ts";
import { isStopped } from "../processes/freeze-trees.ts";
import { hasProc, isAlive, processTree, readProcess } from "../processes/process-table.ts";
import type { RuntimeProcesses } from "../processes/runtime.ts";
import type { ProcessEvent } from "../processes/supervised.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { exitOfStatus } from "./container-child.ts";
import { IMAGE, IMAGES, inContainers, isolationOf, tiny } from "./testing/in-containers.ts";
import { type LocalEngine, localEngine } from "./testing/local-engine.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };
const kinds = (events: readonly ProcessEvent[]): string[] => events.map(({ e, i }) => `${e} ${i}`);

async function whoIs({ baseUrl }: RuntimeProcesses): Promise<{ env: Record<string, string> }> {
  const response = await fetch(baseUrl);
  return (await response.json()) as { env: Record<string, string> };
}

test.skipIf(!hasProc)("a start asks for a container with the runner's image, limits, network and folders", async () => {
  const runner = tiny();
  const { runtime, engine, folder } = await inContainers(runner, "1-2");
  await runtime.start();
  const [spec] = engine.made;
  expect(spec).toMatchObject({
    Image: IMAGE,
    WorkingDir: runner.folder,
    User: `${process.getuid?.()}:${process.getgid?.()}`,
    Labels: { "agent-derby.harness": `${process.pid} ${readProcess(process.pid)?.startTime}` },
    HostConfig: {
      NetworkMode: "host",
      Init: true,
      CpusetCpus: "1-2",
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
    },
  });
  expect(spec?.HostConfig.Binds).toEqual([
    `${packageRoot}:${packageRoot}:ro`,
    `${runner.folder}:${runner.folder}:ro`,
    `${process.execPath}:/opt/agent-derby-node/node:ro`,
    `${folder}:${folder}:rw`,
    `${join(folder, "logs")}:${join(folder, "logs")}:rw`,
  ]);
});

test.skipIf(!hasProc)(
  "a process in a container finds the image's environment and the contract's, and nothing of ours",
  async () => {
    vi.stubEnv("SECRET_OF_THIS_MACHINE", "yes");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { runtime } = await inContainers(tiny());
    await runtime.start();
    const { env } = await whoIs(runtime);
    expect(env).toMatchObject({
      LANG: "C.UTF-8",
      HOME: "/tmp",
      MEMORY_MB: "256",
      MODEL_URL: "http://127.0.0.1:4999/i/1/v1",
    });
    expect(env.PATH).toMatch(/^\/opt\/agent-derby-node:/);
    expect(env).not.toHaveProperty("SECRET_OF_THIS_MACHINE");
  },
);

test.skipIf(!hasProc)(
  "a death in a container is seen with its code, and the next start is a new container",
  async () => {
    const { runtime, events, engine } = await inContainers(tiny());
    await runtime.start();
    await fetch(`${runtime.baseUrl}/die`).catch(() => undefined);
    await vi.waitFor(
      () => expect(kinds(events)).toEqual(["start 1", "ready 1", "exit 1", "start 2", "ready 2"]),
      PATIENCE,
    );
    expect(events[2]).toMatchObject({ code: 1, signal: null, expected: false });
    expect(engine.made).toHaveLength(2);
    await vi.waitFor(() => expect(engine.containers.size).toBe(1), PATIENCE);
  },
);

test.skipIf(!hasProc)(
  "kill finds the processes of a container in /proc, proves their end, and they start again",
  async () => {
    const { runtime, events } = await inContainers(tiny());
    await runtime.start();
    const { proof, cure } = await kill.inject(runtime, planned());
    expect(proof).toMatch(/^SIGKILL to role app: the process is gone/);
    await cure();
    expect(events.at(2)).toMatchObject({ e: "exit", signal: "SIGKILL", expected: true });
    expect(kinds(events).slice(-2)).toEqual(["start 2", "ready 2"]);
  },
);

test.skipIf(!hasProc)(
  "freeze pauses the containers of a role through the engine, and its cure lets them go on",
  async () => {
    const { runtime } = await inContainers(tiny());
    await runtime.start();
    const victims = processTree(runtime.pids("app"));
    const { proof, cure } = await freeze.inject(runtime, planned({ forMs: 100 }));
    expect(proof).toMatch(/^Container [0-9a-f]{12} is paused/);
    expect(victims.every(isStopped)).toBe(true);
    await cure();
    expect(victims.some(isStopped)).toBe(false);
    expect((await whoIs(runtime)).env.INCARNATION).toBe("1");
  },
);

test.skipIf(!hasProc)("a paused container can be stopped, and nothing of a stopped runtime stays", async () => {
  const { runtime, engine } = await inContainers(tiny());
  await runtime.start();
  const victims = processTree(runtime.pids());
  await freeze.inject(runtime, planned({ forMs: 1 }));
  await runtime.stop("kill");
  expect(victims.some(isAlive)).toBe(false);
  await vi.waitFor(() => expect(engine.containers.size).toBe(0), PATIENCE);
});

test.skipIf(!hasProc)("a command that is not in the image is refused with the shell's own words", async () => {
  const runner = tiny();
  const [server] = runner.processes;
  const { runtime } = await inContainers({
    ...runner,
    processes: server === undefined ? [] : [{ ...server, command: ["no-such-program"] }],
  });
  await expect(runtime.start()).rejects.toThrow(/ended before it was ready.*no-such-program/s);
});

test.skipIf(!hasProc)(
  "an engine whose processes are not those of this machine is refused, and its container removed",
  async () => {
    const engine = localEngine(IMAGES);
    const create = engine.createContainer.bind(engine);
    const elsewhere: LocalEngine = {
      ...engine,
      async createContainer(spec) {
        const container = await create(spec);
        // In a virtual machine pid 1 is somebody else's than here.
        return new Proxy(container, {
          get: (target, key) => {
            if (key === "inspect") return async () => ({ State: { Pid: 1, Paused: false, OOMKilled: false } });
            const value = Reflect.get(target, key, target);
            return typeof value === "function" ? value.bind(target) : value;
          },
        });
      },
    };
    const runner = tiny();
    const habitat = await (await isolationOf(elsewhere)).habitat(runner, { folders: [], memoryMb: 64 });
    const what = {
      command: ["sleep", "60"],
      cwd: runner.folder,
      env: habitat.environment(),
      logFile: join(scratchFolder(), "log"),
    };
    await expect(habitat.start(what)).rejects.toThrow(/not in this machine's process table/);
    expect(engine.containers.size).toBe(0);
  },
);

test("128 and a signal's number is the signal; any other status is a code", () => {
  expect(exitOfStatus(137)).toEqual({ code: null, signal: "SIGKILL" });
  expect(exitOfStatus(143)).toEqual({ code: null, signal: "SIGTERM" });
  expect(exitOfStatus(3)).toEqual({ code: 3, signal: null });
  expect(exitOfStatus(255)).toEqual({ code: 255, signal: null });
});
