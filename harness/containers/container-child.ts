/**
 * A command in a container of its own, as a `Child`: supervision, faults and observation need not know.
 *
 * Promises: the pid is that of the container's first process in this machine's own process table, checked at each start, so that
 * /proc and signals reach it and everything below it; cores and memory are limits of the container; it shares the machine's
 * network, hence 127.0.0.1 and its ports; whatever is alive in it ends with its first process, and the container is removed.
 * The first process is the engine's init: without one a runtime would be process 1 of its own, for which the kernel
 * drops every signal that it has no handler for.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TrialError, UsageError } from "../errors.ts";
import type { Child, ChildCommand, Exit } from "../processes/child.ts";
import type { Pause } from "../processes/pause.ts";
import { readProcess, sendSignal, unlessGone } from "../processes/process-table.ts";
import { type Engine, type EngineContainer, isMissing } from "./engine.ts";

/** Above the highest pid that a kernel gives (proc(5), PID_MAX_LIMIT): stands for a process that ended before it was seen. */
const NOBODY = 2 ** 22 + 1;
const ENDED_KNOWN_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;
/** Output goes to the log by the process's own writes, as on the bare machine: nobody of the harness has to carry it. */
const INTO_LOG = 'exec "$@" >>"$0" 2>&1';

/** A path of this machine that is seen in the container, under the same name unless another is given. */
export interface Mount {
  readonly path: string;
  readonly as?: string;
  readonly writable: boolean;
}

/** What all containers of one runtime have in common. */
export interface ContainerSite {
  readonly engine: Engine;
  readonly image: string;
  readonly mounts: readonly Mount[];
  /** Limit of each container; there is no swap beyond it. */
  readonly memoryMb: number;
  /** Limit of open files, soft and hard. */
  readonly openFiles: number;
  /** Tells the containers of this harness from those of others. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Whose files and processes those in the container are: ours, so that we may signal and read them, and own what they write. */
const ownUser = (): string => `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;

const bind = ({ path, as = path, writable }: Mount): string => `${path}:${as}:${writable ? "rw" : "ro"}`;

/** Makes the container. @throws UsageError when the engine refuses */
async function create(what: ChildCommand, token: string, site: ContainerSite): Promise<EngineContainer> {
  const memory = site.memoryMb * 2 ** 20;
  const logs: Mount = { path: dirname(what.logFile), writable: true };
  const mounts = [...site.mounts.filter(({ path }) => path !== logs.path), logs];
  try {
    return await site.engine.createContainer({
      Image: site.image,
      Entrypoint: ["sh", "-c", INTO_LOG, what.logFile],
      Cmd: what.command,
      Env: [...Object.entries(what.env).map((entry) => entry.join("=")), `DERBY_CONTAINER=${token}`],
      WorkingDir: what.cwd,
      User: ownUser(),
      Labels: site.labels,
      HostConfig: {
        NetworkMode: "host",
        Init: true,
        Binds: mounts.map(bind),
        Memory: memory,
        MemorySwap: memory,
        CpusetCpus: what.cores ?? "",
        Ulimits: [{ Name: "nofile", Soft: site.openFiles, Hard: site.openFiles }],
        LogConfig: { Type: "none" },
      },
    });
  } catch (error) {
    throw new UsageError(`The engine made no container of image "${site.image}": ${(error as Error).message}`);
  }
}

/**
 * Starts a command in a new container.
 * @throws UsageError when the engine refuses, or its processes cannot be reached from here
 */
export async function startContainer(what: ChildCommand, site: ContainerSite): Promise<Child> {
  const token = randomUUID();
  const container = await create(what, token, site);
  try {
    await container.start();
    const pid = await hostPid(container, token);
    return childOf(container, pid, what.logFile);
  } catch (error) {
    await container.remove({ force: true }).catch(() => undefined);
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `"${what.command.join(" ")}" could not be started in a container: ${(error as Error).message}`,
    );
  }
}

/**
 * The container's first process as this machine knows it: it must carry the token in its environment, which only its own user, or
 * root, may read. One that has ended is given a little time, since the engine hears of it later than the process table.
 * @throws UsageError when that is not so
 */
async function hostPid(container: EngineContainer, token: string): Promise<number> {
  const deadline = performance.now() + ENDED_KNOWN_WITHIN_MS;
  for (;;) {
    const { Pid } = (await container.inspect()).State;
    if (Pid === 0) return NOBODY;
    const environment = unlessGone(() => readFileSync(`/proc/${Pid}/environ`, "latin1"));
    if (environment?.includes(token) === true) return Pid;
    const state = readProcess(Pid)?.state ?? "X";
    if ((state !== "Z" && state !== "X") || performance.now() > deadline) break;
    await delay(LOOK_EVERY_MS);
  }
  throw new UsageError(
    "The engine's processes are not in this machine's process table under our user, so nothing could be observed or hit. " +
      "Containers need an engine on this very Linux machine: not one in a virtual machine or elsewhere, and without user namespaces of its own.",
  );
}

/** How the first process ended. Engines, like shells, tell a signal as 128 and its number; who ends with such a code by itself counts as killed. */
export function exitOfStatus(status: number): Exit {
  const signals = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const signal = signals.find(([, number]) => number === status - 128)?.[0];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}

/** Waits for the end of a container and removes it. Never rejects: an engine that fails ends the process, whose fate is then unknown. */
async function ended(container: EngineContainer, pid: number, logFile: string): Promise<Exit> {
  const note = (sentence: string): void => appendFileSync(logFile, `agent-derby: ${sentence}\n`);
  try {
    const { StatusCode } = await container.wait();
    const { State } = await container.inspect();
    if (State.OOMKilled) note("The kernel ended a process in the container, which had reached its memory limit.");
    return exitOfStatus(StatusCode);
  } catch (error) {
    sendSignal(pid, "SIGKILL");
    unlessGone(() => note(`The engine no longer tells of the container: ${(error as Error).message}`));
    return { code: null, signal: null };
  } finally {
    // Nobody waits for it: a restart needs only that the process is gone.
    container.remove({ force: true }).catch(warnUnlessMissing);
  }
}

function warnUnlessMissing(error: unknown): void {
  if (!isMissing(error)) process.emitWarning(`A container could not be removed: ${(error as Error).message}`);
}

function childOf(container: EngineContainer, pid: number, logFile: string): Child {
  let over = false;
  const exited = ended(container, pid, logFile).finally(() => {
    over = true;
  });
  return {
    pid,
    startTime: readProcess(pid)?.startTime ?? "",
    exited,
    kill: (signal) => {
      // What has ended meanwhile needs no signal: the engine then answers 404 or 409.
      if (!over) container.kill({ signal }).catch(() => undefined);
    },
    pause: () => pause(container),
  };
}

async function pause(container: EngineContainer): Promise<Pause> {
  const paused = async (): Promise<boolean> => (await container.inspect()).State.Paused;
  const name = container.id.slice(0, 12);
  try {
    await container.pause();
  } catch (error) {
    throw new TrialError(`Container ${name} could not be paused: ${(error as Error).message}`);
  }
  if (!(await paused())) throw new TrialError(`Container ${name} was to be paused, and goes on.`);
  return {
    proof: `Container ${name} is paused, with everything in it: its engine has stopped its control group.`,
    async end() {
      // Gone meanwhile, with the runtime: then nothing stands still.
      await container.unpause().catch((error: unknown) => {
        if (!isMissing(error)) throw new TrialError(`Container ${name} could not go on: ${(error as Error).message}`);
      });
    },
  };
}
