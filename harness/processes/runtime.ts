/**
 * The processes of one runtime in one trial: started in the order of runner.json with the environment of the contract, restarted
 * when they die, found by role for faults, stopped together. What they do is for the witnesses to see.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import type { Role } from "../scenario.ts";
import { type ChildCommand, lastLines, runChild } from "./child.ts";
import { commandOf, environmentOf, type TrialSurroundings } from "./contract-environment.ts";
import { parseCores } from "./cores.ts";
import { requireFreePort, takePorts } from "./ports.ts";
import { type ProcessEvent, SupervisedProcess } from "./supervised.ts";
import type { Watchdog } from "./watchdog.ts";

const READY_WITHIN_MS = 30_000;
const SETUP_WITHIN_MS = 60_000;
const GRACE_MS = 5000;

/** What a trial gives a runtime. */
export interface RuntimeSettings {
  readonly runner: Runner;
  /** All that survives a restart; exists and is empty. */
  readonly dataDir: string;
  /** Folder for `<process>-<incarnation>.log`; exists. */
  readonly logFolder: string;
  readonly databaseUrl: string | null;
  readonly worldPort: number;
  readonly memoryMb: number;
  /** Cores of the runtime, or null where nothing is pinned. */
  readonly cores: string | null;
  readonly watchdog: Watchdog;
  readonly report: (event: ProcessEvent) => void;
  /** Called when a process cannot stay up; the trial goes on without it. */
  readonly gaveUp: (reason: string) => void;
  /** Environment by which the harness observes a process; default none. See `probes/observe.ts`. */
  readonly observing?: TrialSurroundings["observing"];
  /** Default 30 s. */
  readonly readyWithinMs?: number;
}

/** Port names of a process; a serving one takes turns on its first port. */
function portNames(process: RunnerProcess): readonly string[] {
  return process.ports ?? (process.serves === true ? ["http"] : []);
}

export class RuntimeProcesses {
  readonly #settings: RuntimeSettings;
  readonly #around: TrialSurroundings;
  readonly #processes: readonly { readonly spec: RunnerProcess; readonly supervised: SupervisedProcess }[];
  #incarnation = 0;

  private constructor(settings: RuntimeSettings, ports: Readonly<Record<string, number>>) {
    this.#settings = settings;
    const cpus = settings.cores === null ? availableParallelism() : parseCores(settings.cores).length;
    this.#around = { ...settings, ports, cpus, observing: settings.observing ?? (() => ({})) };
    this.#processes = settings.runner.processes.map((spec) => ({ spec, supervised: this.#supervise(spec) }));
  }

  /** Takes ports; starts nothing yet. */
  static async prepare(settings: RuntimeSettings): Promise<RuntimeProcesses> {
    const names = settings.runner.processes.flatMap(portNames);
    const numbers = await takePorts(names.length);
    return new RuntimeProcesses(settings, Object.fromEntries(names.map((name, index) => [name, numbers[index] ?? 0])));
  }

  /** Where turns are taken. */
  get baseUrl(): string {
    const serving = this.#settings.runner.processes.find((process) => process.serves === true);
    return `http://127.0.0.1:${this.#around.ports[serving === undefined ? "" : (portNames(serving)[0] ?? "")]}`;
  }

  /**
   * Starts all processes in order, each once the one before is ready; `setup` runs before the serving one.
   * @throws UsageError with the last words of the log when the runtime does not start: it is refused
   */
  async start(): Promise<void> {
    for (const { spec, supervised } of this.#processes) {
      if (spec.serves === true) await this.#setUp();
      for (const name of portNames(spec))
        await requireFreePort(this.#around.ports[name] ?? 0, `port "${name}" of process "${spec.name}"`);
      await supervised.start();
    }
  }

  /** pids of the running processes of a role, or of all. Their children are found in /proc. */
  pids(role?: Role): number[] {
    return this.#ofRole(role).flatMap((process) => process.pid ?? []);
  }

  /** From now on processes of the role stay down when they die, and their deaths count as the harness's doing. */
  hold(role: Role): void {
    for (const process of this.#ofRole(role)) process.hold();
  }

  /** Starts what is down of the role, in order. Resolves when it is ready, or its limit for readiness has passed. */
  async release(role: Role): Promise<void> {
    for (const process of this.#ofRole(role)) await process.release();
  }

  /** Ends all processes, last started first. @param how "order": SIGTERM, and SIGKILL after 5 s; "kill": SIGKILL at once */
  async stop(how: "order" | "kill"): Promise<void> {
    const graceMs = how === "order" ? GRACE_MS : 0;
    // All at once where killing, so that none sees another's death and starts to mend it.
    if (how === "kill") await Promise.all(this.#processes.map(({ supervised }) => supervised.stop(0)));
    for (const { supervised } of this.#processes.toReversed()) await supervised.stop(graceMs);
  }

  #ofRole(role?: Role): SupervisedProcess[] {
    return this.#processes
      .map(({ supervised }) => supervised)
      .filter((process) => role === undefined || process.role === role);
  }

  #supervise(spec: RunnerProcess): SupervisedProcess {
    const { watchdog, report, gaveUp, readyWithinMs } = this.#settings;
    return new SupervisedProcess({
      name: spec.name,
      role: spec.role,
      readyUrl: this.#readyUrl(spec),
      readyWithinMs: readyWithinMs ?? READY_WITHIN_MS,
      command: (incarnation) => this.#command(spec, spec.command, incarnation),
      nextIncarnation: () => ++this.#incarnation,
      watchdog,
      report,
      gaveUp,
    });
  }

  /** "GET :admin/health" as an address. */
  #readyUrl(spec: RunnerProcess): string | null {
    const ready = spec.ready ?? (spec.serves === true ? `GET :${portNames(spec)[0]}/healthz` : undefined);
    const [, name, path] = /^GET :([^/]+)(\/.*)$/.exec(ready ?? "") ?? [];
    return name === undefined ? null : `http://127.0.0.1:${this.#around.ports[name]}${path}`;
  }

  #command(spec: RunnerProcess, command: readonly string[], incarnation: number): ChildCommand {
    const env = environmentOf(spec, incarnation, this.#around);
    return {
      command: commandOf(command, this.#around, env),
      cwd: this.#settings.runner.folder,
      env,
      logFile: join(this.#settings.logFolder, `${spec.name}-${incarnation}.log`),
      cores: this.#settings.cores,
    };
  }

  async #setUp(): Promise<void> {
    const { runner, watchdog } = this.#settings;
    if (runner.setup === undefined) return;
    const spec: RunnerProcess = { name: "setup", role: "app", command: runner.setup };
    const command = this.#command(spec, runner.setup, ++this.#incarnation);
    let pid = 0;
    const exit = await runChild(command, SETUP_WITHIN_MS, (started) => {
      pid = started;
      watchdog.watchGroup(started);
    });
    watchdog.forgetGroup(pid);
    if (exit.code === 0) return;
    throw new UsageError(
      `The setup command of "${runner.name}" failed (${exit.signal ?? `exit code ${exit.code}`}):\n${lastLines(command.logFile)}`,
    );
  }
}
