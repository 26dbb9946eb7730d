/**
 * An engine without containers, for tests on machines that have none: each "container" is a process of this machine, so pids,
 * signals, exit codes, logs and /proc are real. It keeps the engine's rules that matter here (states, 404, 409, 128 + signal), and
 * isolates nothing: limits and mounts are only noted as they were asked for. That a real engine does as this one is not shown by it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { freezeTrees, thaw } from "../../processes/freeze-trees.ts";
import type { ProcessIdentity } from "../../processes/process-table.ts";
import type { ContainerSpec, Engine, EngineContainer } from "../engine.ts";

const refusal = (statusCode: number, message: string): Error => Object.assign(new Error(message), { statusCode });

const signalGroup = (pid: number, signal: NodeJS.Signals): void => void process.kill(-pid, signal);

class LocalContainer implements EngineContainer {
  readonly id = randomBytes(32).toString("hex");
  readonly spec: ContainerSpec;
  readonly #forget: (id: string) => void;
  #process: ChildProcess | null = null;
  #status: Promise<number> | null = null;
  #frozen: readonly ProcessIdentity[] | null = null;
  #removed = false;

  constructor(spec: ContainerSpec, forget: (id: string) => void) {
    this.spec = spec;
    this.#forget = forget;
  }

  get #pid(): number {
    const child = this.#process;
    return child === null || child.exitCode !== null || child.signalCode !== null ? 0 : (child.pid ?? 0);
  }

  #running(): number {
    this.#known();
    if (this.#pid === 0) throw refusal(409, `Container ${this.id} is not running`);
    return this.#pid;
  }

  #known(): void {
    if (this.#removed) throw refusal(404, `No such container: ${this.id}`);
  }

  async start(): Promise<void> {
    this.#known();
    const [program = "", ...args] = [...this.spec.Entrypoint, ...this.spec.Cmd];
    const env = Object.fromEntries(this.spec.Env.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const child = spawn(program, args, { cwd: this.spec.WorkingDir, env, detached: true, stdio: "ignore" });
    this.#status = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        try {
          signalGroup(child.pid ?? 0, "SIGKILL");
        } catch {
          // Nobody of the group is left.
        }
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    this.#process = child;
  }

  async wait(): Promise<{ StatusCode: number }> {
    this.#known();
    return { StatusCode: await (this.#status ?? Promise.resolve(0)) };
  }

  async inspect() {
    this.#known();
    return { State: { Pid: this.#pid, Paused: this.#frozen !== null && this.#pid !== 0, OOMKilled: false } };
  }

  async kill({ signal }: { readonly signal: string }): Promise<void> {
    const pid = this.#running();
    signalGroup(pid, signal as NodeJS.Signals);
    if (this.#frozen !== null) await this.unpause();
  }

  async pause(): Promise<void> {
    const pid = this.#running();
    if (this.#frozen !== null) throw refusal(409, `Container ${this.id} is already paused`);
    // Like a freezer it answers when everything stands still.
    this.#frozen = await freezeTrees([pid]);
  }

  async unpause(): Promise<void> {
    this.#running();
    if (this.#frozen === null) throw refusal(409, `Container ${this.id} is not paused`);
    await thaw(this.#frozen);
    this.#frozen = null;
  }

  async remove(): Promise<void> {
    this.#known();
    if (this.#pid !== 0) signalGroup(this.#pid, "SIGKILL");
    this.#removed = true;
    this.#forget(this.id);
  }
}

/** What an engine made of this has been asked for. */
export interface LocalEngine extends Engine {
  /** Containers that exist, running or not. */
  readonly containers: ReadonlyMap<string, { readonly spec: ContainerSpec }>;
  /** Every container that was ever made. */
  readonly made: readonly ContainerSpec[];
}

/** @param images environment of each image that is there */
export function localEngine(images: Readonly<Record<string, readonly string[]>>): LocalEngine {
  const containers = new Map<string, LocalContainer>();
  const made: ContainerSpec[] = [];
  const inspectImage = async (name: string) => {
    const Env = images[name];
    if (Env === undefined) throw refusal(404, `No such image: ${name}`);
    return { Config: { Env } };
  };
  return {
    containers,
    made,
    async createContainer(spec) {
      await inspectImage(spec.Image);
      const container = new LocalContainer(spec, (id) => containers.delete(id));
      containers.set(container.id, container);
      made.push(spec);
      return container;
    },
    getContainer: (id) => ({
      remove: async () => {
        const container = containers.get(id);
        if (container === undefined) throw refusal(404, `No such container: ${id}`);
        await container.remove();
      },
    }),
    getImage: (name) => ({ inspect: () => inspectImage(name) }),
    listContainers: async ({ filters }) =>
      [...containers].flatMap(([Id, { spec }]) =>
        filters.label.every((label) => label in spec.Labels) ? [{ Id, Labels: spec.Labels }] : [],
      ),
  };
}
