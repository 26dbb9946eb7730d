/**
 * The processes of one runtime in one trial: started in the order of runner.json with the environment of the contract, restarted
 * when they die, found by role for faults, doubled and replaced where a fault asks for it, stopped together. What they do is for
 * the witnesses to see.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { TrialError, UsageError } from "../errors.ts";
import type { ProcessTarget, Replica, ReplicaChanges } from "../nemeses/nemesis.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import type { Role } from "../scenario.ts";
import { type ChildCommand, lastLines, runChild } from "./child.ts";
import { commandOf, environmentOf, type TrialSurroundings } from "./contract-environment.ts";
import { parseCores } from "./cores.ts";
import { bareMachine, type Habitat } from "./habitat.ts";
import { type Pause, pauseAll } from "./pause.ts";
import { requireFreePort, takePorts } from "./ports.ts";
import { portNames, readyUrl } from "./process-address.ts";
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
  /** Where model and tools of the World are reached, if not at its own port. */
  readonly modelPort?: number;
  readonly toolsPort?: number;
  readonly memoryMb: number;
  /** Cores of the runtime, or null where nothing is pinned. */
  readonly cores: string | null;
  readonly watchdog: Watchdog;
  readonly report: (event: ProcessEvent) => void;
  /** Called when a process cannot stay up; the trial goes on without it. */
  readonly gaveUp: (reason: string) => void;
  /** Environment by which the harness observes a process; default none. See `probes/observe.ts`. */
  readonly observing?: TrialSurroundings["observing"];
  /** Where the processes live. Default: on this machine as it is. */
  readonly habitat?: Habitat;
  /** Where it takes turns, if it runs already: then nothing of it is started here. */
  readonly runsAt?: string | undefined;
  /** The start of a process as a profiler wants it; default as it is. */
  readonly profiling?: (process: RunnerProcess, incarnation: number, start: ChildCommand) => ChildCommand;
  /** Default 30 s. */
  readonly readyWithinMs?: number;
}

const startedHere = ({ runner, runsAt }: RuntimeSettings): readonly RunnerProcess[] =>
  runsAt === undefined ? runner.processes : [];

type Environment = Readonly<Record<string, string>>;

/** What one copy of the processes has of its own. */
interface Copy {
  readonly replica: number;
  /** Of every name: its own ports, and those of the roles that it does not double. */
  readonly ports: Readonly<Record<string, number>>;
  /** Instead of what `changeEnvironment` said; null once it stands alone. */
  env: Environment | null;
}

interface CopiedProcess {
  readonly spec: RunnerProcess;
  readonly copy: Copy;
  readonly supervised: SupervisedProcess;
}

export class RuntimeProcesses implements ProcessTarget {
  readonly #settings: RuntimeSettings;
  readonly #habitat: Habitat;
  readonly #around: Omit<TrialSurroundings, "ports">;
  /** In the order of starting; copies beside the first come last. */
  #processes: readonly CopiedProcess[];
  /** Of the copies that stand alone. */
  #ports: Readonly<Record<string, number>>;
  readonly #changed = new Map<Role, Environment>();
  #incarnation = 0;
  #stopped = false;

  private constructor(settings: RuntimeSettings, ports: Readonly<Record<string, number>>) {
    this.#settings = settings;
    this.#habitat = settings.habitat ?? bareMachine;
    const cpus = settings.cores === null ? availableParallelism() : parseCores(settings.cores).length;
    this.#around = {
      ...settings,
      cpus,
      observing: settings.observing ?? (() => ({})),
      found: this.#habitat.environment,
    };
    this.#ports = ports;
    const first = { replica: 0, ports, env: null };
    this.#processes = startedHere(settings).map((spec) => this.#copied(spec, first));
  }

  /** Takes ports; starts nothing yet. */
  static async prepare(settings: RuntimeSettings): Promise<RuntimeProcesses> {
    const names = startedHere(settings).flatMap(portNames);
    const numbers = await takePorts(names.length);
    return new RuntimeProcesses(settings, Object.fromEntries(names.map((name, index) => [name, numbers[index] ?? 0])));
  }

  /** Where turns are taken; another address once a copy has taken the place of the first. */
  get baseUrl(): string {
    if (this.#settings.runsAt !== undefined) return this.#settings.runsAt;
    const serving = this.#settings.runner.processes.find((process) => process.serves === true);
    return `http://127.0.0.1:${this.#ports[serving === undefined ? "" : (portNames(serving)[0] ?? "")]}`;
  }

  /** What version 2 gets in a redeploy. */
  get versionTwo(): Environment {
    return { VERSION: "2", ...this.#settings.runner.redeploy?.env };
  }

  /**
   * Starts all processes in order, each once the one before is ready; `setup` runs before the serving one.
   * @throws UsageError with the last words of the log when the runtime does not start: it is refused
   */
  async start(): Promise<void> {
    for (const { spec, supervised } of this.#processes) {
      if (spec.serves === true) await this.#setUp();
      for (const name of portNames(spec))
        await requireFreePort(this.#ports[name] ?? 0, `port "${name}" of process "${spec.name}"`);
      await supervised.start();
    }
  }

  /** pids of the running processes of a role, or of all, every copy. Their children are found in /proc. */
  pids(role?: Role): number[] {
    return this.#ofRole(role).flatMap((process) => process.pid ?? []);
  }

  /** Pauses what the running processes of a role live in, every copy; null where that cannot be paused. @throws TrialError */
  pause(role: Role): Promise<Pause> | null {
    return pauseAll(this.#ofRole(role).flatMap(({ child }) => child ?? []));
  }

  /** From now on processes of the role stay down when they die, and their deaths count as the harness's doing. */
  hold(role: Role): void {
    for (const process of this.#ofRole(role)) process.hold();
  }

  /** Starts what is down of the role, in order. Resolves when it is ready, or its limit for readiness has passed. */
  async release(role: Role): Promise<void> {
    for (const process of this.#ofRole(role)) await process.release();
  }

  /**
   * Ends all processes, last started first.
   * @param how "order": SIGTERM, and SIGKILL after the patience; "kill": SIGKILL at once
   * @param patienceMs default 5 s
   */
  async stop(how: "order" | "kill", patienceMs = GRACE_MS): Promise<void> {
    const graceMs = how === "order" ? patienceMs : 0;
    this.#stopped = true;
    // All at once where killing, so that none sees another's death and starts to mend it.
    if (how === "kill") await Promise.all(this.#processes.map(({ supervised }) => supervised.stop(0)));
    for (const { supervised } of this.#processes.toReversed()) await supervised.stop(graceMs);
  }

  /** From now on a process of the role that is started, or started again, also gets this environment; null takes it back. */
  changeEnvironment(role: Role, env: Environment | null): void {
    if (env === null) this.#changed.delete(role);
    else this.#changed.set(role, env);
  }

  /**
   * Starts the processes of a role once more, with ports of their own. Resolves when they are ready.
   * @throws TrialError when the runner does not allow another copy, or it does not become ready; then nothing of it stays
   */
  async addReplica(role: Role, { owner, env }: ReplicaChanges): Promise<Replica> {
    const beside = this.#processes.filter(({ spec }) => spec.role === role);
    const running = new Set(beside.map(({ copy }) => copy.replica));
    const specs = this.#settings.runner.processes.filter((spec) => spec.role === role);
    const most = Math.min(...specs.map(({ replicas = 1 }) => replicas));
    if (specs.length === 0) throw new TrialError(`${this.#settings.runner.name} has no process of role "${role}".`);
    if (new Set(beside.map(({ copy }) => copy)).size >= most)
      throw new TrialError(
        `${this.#settings.runner.name} allows ${most} of its processes of role "${role}" side by side ("replicas" in runner.json), and ${most === 1 ? "one runs" : "that many run"}.`,
      );
    const names = specs.flatMap(portNames);
    const numbers = await takePorts(names.length);
    const own = Object.fromEntries(names.map((name, index) => [name, numbers[index] ?? 0]));
    const another = Array.from({ length: running.size + 1 }, (_, number) => number).find((n) => !running.has(n)) ?? 0;
    const replica = owner === "same" ? Math.min(...running) : another;
    const copy: Copy = { replica, ports: { ...this.#ports, ...own }, env: env ?? null };
    const copied = specs.map((spec) => this.#copied(spec, copy));
    if (this.#stopped) throw new TrialError("The runtime has been stopped.");
    this.#processes = [...this.#processes, ...copied];
    try {
      for (const { supervised } of copied) await supervised.start();
    } catch (error) {
      await this.#retire(copied, 0);
      throw new TrialError(`A further copy of role "${role}" did not start. ${(error as Error).message}`);
    }
    return this.#replicaOf(role, copy, copied);
  }

  #replicaOf(role: Role, copy: Copy, copied: readonly CopiedProcess[]): Replica {
    const serving = copied.find(({ spec }) => spec.serves === true)?.spec;
    return {
      number: copy.replica,
      port: serving === undefined ? null : (copy.ports[portNames(serving)[0] ?? ""] ?? null),
      get pids() {
        return copied.flatMap(({ supervised }) => supervised.pid ?? []);
      },
      stop: () => this.#retire(copied, GRACE_MS),
      takePlace: async (graceMs) => {
        const others = this.#processes.filter(
          ({ spec, supervised }) => spec.role === role && !copied.some((own) => own.supervised === supervised),
        );
        await this.#retire(others, graceMs);
        this.#ports = { ...this.#ports, ...copy.ports };
        copy.env = null;
      },
    };
  }

  /** Ends processes for good, last started first. */
  async #retire(copied: readonly CopiedProcess[], graceMs: number): Promise<void> {
    for (const { supervised } of copied.toReversed()) await supervised.stop(graceMs);
    this.#processes = this.#processes.filter((process) => !copied.includes(process));
  }

  #ofRole(role?: Role): SupervisedProcess[] {
    return this.#processes
      .map(({ supervised }) => supervised)
      .filter((process) => role === undefined || process.role === role);
  }

  #copied(spec: RunnerProcess, copy: Copy): CopiedProcess {
    return { spec, copy, supervised: this.#supervise(spec, copy) };
  }

  #supervise(spec: RunnerProcess, copy: Copy): SupervisedProcess {
    const { watchdog, report, gaveUp, readyWithinMs, profiling = (_p, _i, start) => start } = this.#settings;
    return new SupervisedProcess({
      name: spec.name,
      role: spec.role,
      replica: copy.replica,
      readyUrl: readyUrl(spec, copy.ports),
      readyWithinMs: readyWithinMs ?? READY_WITHIN_MS,
      command: (incarnation) => profiling(spec, incarnation, this.#command(spec, spec.command, incarnation, copy)),
      nextIncarnation: () => ++this.#incarnation,
      habitat: this.#habitat,
      watchdog,
      report,
      gaveUp,
    });
  }

  #command(spec: RunnerProcess, command: readonly string[], incarnation: number, copy: Copy): ChildCommand {
    const around = { ...this.#around, ports: copy.ports };
    const changes = copy.env ?? this.#changed.get(spec.role) ?? {};
    const env = environmentOf(spec, incarnation, around, { replica: copy.replica, changes });
    return {
      command: commandOf(command, around, env),
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
    const first = { replica: 0, ports: this.#ports, env: null };
    const command = this.#command(spec, runner.setup, ++this.#incarnation, first);
    let pid = 0;
    const started = (leader: number): void => {
      pid = leader;
      watchdog.watchGroup(leader);
    };
    const exit = await runChild(command, SETUP_WITHIN_MS, started, this.#habitat.start);
    watchdog.forgetGroup(pid);
    if (exit.code === 0) return;
    throw new UsageError(
      `The setup command of "${runner.name}" failed (${exit.signal ?? `exit code ${exit.code}`}):\n${lastLines(command.logFile)}`,
    );
  }
}
