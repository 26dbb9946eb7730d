/** The processes of the simulated runtime as its supervisor knows them: started, ended, doubled; and where new connections go. */
import type { Surroundings as DriverSurroundings, SessionRead } from "../driver/turn.ts";
import type { TrialEvent } from "../history.ts";
import type { Random } from "../random.ts";
import { Line } from "./line.ts";
import type { Nature } from "./nature.ts";
import { SimulatedProcess } from "./process.ts";
import { SimulatedRuntime } from "./runtime.ts";
import type { Store } from "./store.ts";
import type { SimulatedTime } from "./time.ts";
import type { SimulatedWorld } from "./world.ts";

const PROCESS = "server";
const REFUSED_AFTER_MS = 0.3;
/** From the start of a process to its first accepted turn, in milliseconds. */
const BOOT_MS = { low: 40, high: 250 };
const FIRST_PID = 1_000;

export interface SiteParts {
  readonly seed: number;
  readonly time: SimulatedTime;
  readonly world: SimulatedWorld;
  readonly store: Store;
  readonly nature: Nature;
  readonly random: Random;
  readonly note: (event: TrialEvent) => void;
}

type Asking = Pick<DriverSurroundings, "ask" | "askStream" | "read">;
/** What a client that reads along sees of a well-behaved stream. */
const STREAM = { tokens: 5, gapMs: 20, early: 0.95 } as const;

export class Site {
  readonly #parts: SiteParts;
  #incarnation = 0;
  /** Those that new connections go to, in turn. */
  #route: readonly SimulatedRuntime[] = [];
  #connections = 0;
  readonly #clientLines = new Set<Line>();

  constructor(parts: SiteParts) {
    this.#parts = parts;
  }

  /** Starts a process; `ready` is called when it accepts turns. */
  start(replica: number, ready: (runtime: SimulatedRuntime) => void): void {
    const { seed, time, world, store, nature, random, note } = this.#parts;
    this.#incarnation += 1;
    const name = { process: PROCESS, replica, i: this.#incarnation };
    const pid = FIRST_PID + this.#incarnation;
    const process = new SimulatedProcess({ ...name, pid }, time, random);
    const runtime = new SimulatedRuntime({ seed, process, world, store, nature });
    note({ e: "start", t: time.clock(), ...name, pid });
    time.after(BOOT_MS.low + (BOOT_MS.high - BOOT_MS.low) * random(), () => {
      note({ e: "ready", t: time.clock(), ...name });
      runtime.resume();
      ready(runtime);
    });
  }

  /** Ends a process, by force or in order. */
  end({ process }: SimulatedRuntime, signal: "SIGKILL" | null): void {
    if (!process.isAlive) return;
    const { process: name, replica, i } = process.name;
    process.die();
    const code = signal === null ? 0 : null;
    this.#parts.note({
      e: "exit",
      t: this.#parts.time.clock(),
      process: name,
      replica,
      i,
      code,
      signal,
      expected: true,
    });
  }

  /** From now on new connections go to these, in turn; none: they are refused. */
  route(...runtimes: readonly SimulatedRuntime[]): void {
    this.#route = runtimes;
  }

  /** Ends all connections of clients with a reset. @returns how many */
  resetClients(): number {
    const open = [...this.#clientLines].filter((line) => line.isOpen);
    for (const line of open) line.close();
    this.#clientLines.clear();
    return open.length;
  }

  readonly ask: Asking["ask"] = ({ session, turn, input }, timeoutMs, heard) => {
    this.#connect<Parameters<typeof heard>[0]>(
      timeoutMs,
      (why, sent) => ({ kind: sent ? "info" : "fail", why }),
      (runtime, line, answer) => runtime.put(line, session, Number(turn), input, answer),
      heard,
    );
  };

  /** All that checkers know of a stream is whether its text was that of the answer; so it is told when that has come. */
  readonly askStream: NonNullable<Asking["askStream"]> = (asked, timeoutMs, heard, first) => {
    const { nature, seed, time } = this.#parts;
    const { session, turn } = asked;
    this.ask(asked, timeoutMs, (outcome, endedMs) => {
      if (outcome.kind !== "ok") {
        heard(outcome, endedMs);
        return;
      }
      const text = nature.streams({ seed, session, turn: Number(turn), nowMs: time.clock() });
      first(endedMs, 1);
      heard({ ...outcome, stream: { ...STREAM, text } }, endedMs);
    });
  };

  readonly read: NonNullable<Asking["read"]> = (session, timeoutMs, heard) => {
    this.#connect<Omit<SessionRead, "endedMs">>(
      timeoutMs,
      () => ({ status: 0 }),
      (runtime, line, answer) => runtime.get(line, session, answer),
      (read, endedMs) => heard({ ...read, endedMs }),
    );
  };

  #connect<Heard>(
    timeoutMs: number,
    broken: (why: string, sent: boolean) => Heard,
    request: (runtime: SimulatedRuntime, line: Line, answer: (heard: Heard) => void) => void,
    heard: (heard: Heard, endedMs: number) => void,
  ): void {
    const { time, random } = this.#parts;
    const runtime = this.#route[this.#connections++ % Math.max(1, this.#route.length)];
    if (runtime?.process.isAlive !== true) {
      time.after(REFUSED_AFTER_MS, () => heard(broken("ECONNREFUSED", false), time.clock()));
      return;
    }
    const line = new Line(time, random);
    runtime.process.hold(line);
    this.#clientLines.add(line);
    let over = false;
    const finish = (what: Heard): void => {
      if (over) return;
      over = true;
      limit.cancel();
      this.#clientLines.delete(line);
      heard(what, time.clock());
    };
    const limit = time.after(timeoutMs, () => {
      finish(broken("timeout", true));
      line.close();
    });
    line.onClosed("client", () => finish(broken("ECONNRESET", true)));
    line.send("server", () => request(runtime, line, finish));
  }
}
