/**
 * The rig: one runtime, started as in a trial, between a client that asks by hand and a World whose every byte is written down.
 *
 * Promises: every wait has a limit, and everything that was started is ended on every way out. What a check makes of what it
 * sees is its own affair.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Attached } from "../attached.ts";
import { monotonicMs } from "../clock.ts";
import { bareProcesses, type Isolation } from "../containers/isolation.ts";
import { type Attempt, type Client, createClient } from "../driver/client.ts";
import { inputText } from "../driver/input.ts";
import {
  type BackendRequest,
  CONTRACT_MAPPING,
  type Outcome,
  outcomeOf,
  resolveMapping,
  turnRequest,
} from "../driver/mapping.ts";
import type { WorldEvent } from "../history.ts";
import { readEvents } from "../history-file.ts";
import { kill } from "../nemeses/kill.ts";
import type { PostgresSource } from "../postgres/postgres.ts";
import { RuntimeProcesses } from "../processes/runtime.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { Conditions, Stopped } from "../record/waiting.ts";
import type { Mapping, Runner } from "../runner.ts";
import type { Role, SessionScript } from "../scenario.ts";
import { must } from "./check.ts";
import { type Ask, readAsk, readToolUse, type ToolUse } from "./conversation.ts";
import { type Exchange, Wire } from "./wire.ts";
import { MEMORY_MB, SEED, startRigWorld } from "./world-process.ts";

const ANSWER_WITHIN_MS = 15_000;
/** Histories are flushed four times per second. */
const HISTORY_EVERY_MS = 100;
const HISTORY_WITHIN_MS = 2_000;

/** What a campaign or the command gives. */
export interface RigSettings {
  readonly runner: Runner;
  /** Script of each session that will be used. */
  readonly scripts: Readonly<Record<string, SessionScript>>;
  /** Null where the runner needs no database. */
  readonly postgres: PostgresSource | null;
  readonly watchdog: Watchdog;
  readonly signal: AbortSignal;
  /** Where the runtime lives. Default: on this machine as it is. */
  readonly isolation?: Isolation;
  /** A runtime that runs already: nothing is started but the World, and nothing is killed. */
  readonly attached?: Attached;
  /** Cores of the runtime, as the kernel writes them. Default: it may use all. */
  readonly cores?: string | null;
}

/** How one request for a turn ended. */
export interface Reply {
  readonly outcome: Outcome;
  /** 0: no answer. */
  readonly status: number;
  readonly body: string;
}

type Ending = () => Promise<unknown>;

export class Rig {
  readonly #settings: RigSettings;
  readonly #mapping: Mapping;
  readonly #conditions = new Conditions();
  readonly #endings: Ending[] = [];
  readonly #asks = new Map<Exchange, Ask | undefined>();
  readonly #deaths: string[] = [];
  #historyFile = "";
  #wire: Wire | null = null;
  #runtime: RuntimeProcesses | null = null;
  #client: Client | null = null;
  #gone = false;

  private constructor(settings: RigSettings) {
    this.#settings = settings;
    this.#mapping = resolveMapping(settings.runner.turn ?? CONTRACT_MAPPING, process.env);
    settings.signal.addEventListener("abort", this.#stopped, { once: true });
    if (settings.signal.aborted) this.#stopped();
  }

  readonly #stopped = (): void => {
    this.#conditions.fail(new Stopped());
    void this.#runtime?.stop("kill");
  };

  /**
   * Starts World, database and runtime.
   * @throws UsageError when the runtime does not start; TrialError when something of ours does not
   */
  static async start(settings: RigSettings): Promise<Rig> {
    const rig = new Rig(settings);
    try {
      await rig.#start();
      return rig;
    } catch (error) {
      await rig.end();
      throw error;
    }
  }

  get runner(): Runner {
    return this.#settings.runner;
  }

  /** Processes that ended although nobody had told them to, and what could not be started again. */
  get deaths(): readonly string[] {
    return this.#deaths;
  }

  /** A process of the runtime cannot be kept up: nobody needs to wait for it any more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Ends everything, last started first. */
  async end(): Promise<void> {
    this.#settings.signal.removeEventListener("abort", this.#stopped);
    this.#conditions.fail(new Stopped());
    for (const ending of this.#endings.splice(0).toReversed()) await ending();
  }

  /** The input of a turn; `other` is another one for the same turn. */
  input(session: string, turn: number, other = false): string {
    return inputText(SEED, session, turn, "ordinary") + (other ? " please" : "");
  }

  /**
   * Asks for a turn once, on a connection of its own.
   * @param options.withinMs the client breaks the connection after this long; default 15 s
   */
  async turn(
    session: string,
    turn: number,
    options: { readonly input?: string; readonly withinMs?: number } = {},
  ): Promise<Reply> {
    const input = options.input ?? this.input(session, turn);
    const request = turnRequest(this.#mapping, { session, turn: String(turn), input });
    const attempt = await this.#attempt(request, options.withinMs ?? ANSWER_WITHIN_MS);
    if (attempt.kind === "answered") {
      const { status, body } = attempt.response;
      return { outcome: outcomeOf(this.#mapping, attempt.response), status, body };
    }
    return { outcome: { kind: "info", why: attempt.why }, status: 0, body: "" };
  }

  /** One request as it stands. */
  async raw(method: string, path: string, body: string | null = null): Promise<Omit<Reply, "outcome">> {
    const headers = { accept: "application/json", ...(body === null ? {} : { "content-type": "application/json" }) };
    const attempt = await this.#attempt({ method, path, headers, body }, ANSWER_WITHIN_MS);
    return attempt.kind === "answered"
      ? { status: attempt.response.status, body: attempt.response.body }
      : { status: 0, body: "" };
  }

  /** Model requests of a session, in the order in which they were asked. */
  asks(session: string, turn?: number): Ask[] {
    return this.exchanges.flatMap((exchange) => {
      if (!this.#asks.has(exchange)) this.#asks.set(exchange, readAsk(exchange));
      const ask = this.#asks.get(exchange);
      return ask?.session === session && (turn === undefined || ask.turn === turn) ? [ask] : [];
    });
  }

  /** Requests for tools of a session, leave to crash included, in the order in which they were asked. */
  toolUses(session: string): ToolUse[] {
    return this.exchanges
      .flatMap((exchange) => readToolUse(exchange) ?? [])
      .filter(({ marker }) => marker.session === session);
  }

  /** Everything that the runtime asked of the World. */
  get exchanges(): readonly Exchange[] {
    return this.#wire?.exchanges ?? [];
  }

  /** True as soon as the condition on what is on the wire holds, false after the limit. */
  until(holds: () => boolean, limitMs = ANSWER_WITHIN_MS): Promise<boolean> {
    return this.#conditions.until(holds, limitMs);
  }

  /** Waits. */
  async pause(ms: number): Promise<void> {
    await this.#conditions.until(() => false, ms);
  }

  /** What the World noted of a session, once it has noted what is asked for, or the limit for its writing has passed. */
  async events(session: string, enough: (events: readonly WorldEvent[]) => boolean): Promise<WorldEvent[]> {
    const deadlineMs = monotonicMs() + HISTORY_WITHIN_MS;
    for (;;) {
      const events = readEvents<WorldEvent>(this.#historyFile).filter((event) => "s" in event && event.s === session);
      if (enough(events) || monotonicMs() > deadlineMs) return events;
      await this.pause(HISTORY_EVERY_MS);
    }
  }

  /** Answers to these exchanges are lost on their way to the runtime, until called again with null. */
  withhold(which: ((exchange: Exchange) => boolean) | null): void {
    if (this.#wire !== null) this.#wire.withhold = which ?? (() => false);
  }

  /** Ends the runtime's processes by SIGKILL; resolves when they are gone, with what starts them again and waits until they are ready. */
  async kill(): Promise<() => Promise<void>> {
    const { processes } = this.runner;
    const serving = processes.find((process) => process.serves === true)?.role ?? "app";
    const role: Role = processes.some((process) => process.role === "app") ? "app" : serving;
    if (this.#runtime === null) throw new Stopped();
    must(this.#runtime.pids(role).length > 0, "none of its processes runs any more");
    const fault = { id: "kill", kind: "kill", role, afterAcknowledged: 0, restartAfterMs: 0, with: {} };
    const { cure } = await kill.inject(this.#runtime, fault);
    return cure;
  }

  /** A client of its own, which whoever asks for it closes. */
  newClient(): Client {
    const url = this.#settings.attached?.url ?? this.#runtime?.baseUrl;
    if (url === undefined) throw new Stopped();
    return createClient(url, monotonicMs, (why) => this.#deaths.push(why));
  }

  #attempt(request: BackendRequest, withinMs: number): Promise<Attempt> {
    const client = this.#client;
    if (client === null) throw new Stopped();
    return new Promise((done) => client.attempt(request, withinMs, true, done));
  }

  async #start(): Promise<void> {
    const { scripts, watchdog, attached } = this.#settings;
    const directory = watchdog.createDirectory();
    this.#endings.push(async () => watchdog.removeDirectory(directory));
    const { path } = directory;
    const world = await startRigWorld(path, scripts, watchdog, (error) => this.#conditions.fail(error));
    this.#endings.push(() => world.end());
    this.#historyFile = world.historyFile;
    const wire = await Wire.start(world.port, () => this.#conditions.changed(), attached?.world);
    this.#wire = wire;
    this.#endings.push(() => wire.stop());
    if (attached === undefined) await this.#startRuntime(path, wire.port, await this.#startDatabase(path));
    const client = this.newClient();
    this.#client = client;
    this.#endings.push(async () => client.close());
  }

  async #startDatabase(folder: string): Promise<string | null> {
    const { postgres } = this.#settings;
    if (postgres === null) return null;
    const cluster = await postgres.start({ directory: folder, logFile: join(folder, "postgres.log"), cores: null });
    this.#endings.push(() => cluster.stop());
    return cluster.url;
  }

  async #startRuntime(folder: string, worldPort: number, databaseUrl: string | null): Promise<void> {
    const { runner, watchdog, signal, cores = null, isolation = bareProcesses } = this.#settings;
    const [dataDir, logFolder] = [join(folder, "data"), join(folder, "logs")];
    mkdirSync(dataDir);
    mkdirSync(logFolder);
    const runtime = await RuntimeProcesses.prepare({
      runner,
      dataDir,
      logFolder,
      databaseUrl,
      worldPort,
      memoryMb: MEMORY_MB,
      cores,
      habitat: await isolation.habitat(runner, { folders: [folder], memoryMb: MEMORY_MB }),
      watchdog,
      report: (event) => {
        if (event.e === "exit" && !event.expected)
          this.#deaths.push(`${event.process} ended (${event.signal ?? `exit code ${event.code}`})`);
      },
      gaveUp: (reason) => {
        this.#deaths.push(reason);
        this.#gone = true;
      },
    });
    this.#runtime = runtime;
    this.#endings.push(() => runtime.stop("kill"));
    if (signal.aborted) throw new Stopped();
    await runtime.start();
  }
}
