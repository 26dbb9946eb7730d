/** One simulated process of a runtime: it runs routines until it is killed, stands still while it is frozen, and holds lines. */
import type { Random } from "../random.ts";
import { Line } from "./line.ts";
import { type Routine, type Runs, until } from "./routine.ts";
import type { SimulatedTime } from "./time.ts";

/** The names that the trial's events give it. */
export interface ProcessName {
  readonly process: string;
  readonly replica: number;
  readonly i: number;
  readonly pid: number;
}

export class SimulatedProcess implements Runs {
  readonly name: ProcessName;
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly startedMs: number;
  #alive = true;
  #waiting: (() => void)[] | null = null;
  readonly #lines = new Set<Line>();

  constructor(name: ProcessName, time: SimulatedTime, random: Random) {
    this.name = name;
    this.time = time;
    this.random = random;
    this.startedMs = time.clock();
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  enter(step: () => void): void {
    if (!this.#alive) return;
    if (this.#waiting !== null) this.#waiting.push(step);
    else step();
  }

  /** SIGSTOP: connections stay, the kernel goes on accepting and acknowledging. */
  freeze(): void {
    this.#waiting ??= [];
  }

  /** SIGCONT: what came meanwhile is taken up in order. */
  thaw(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const step of waiting) this.enter(step);
  }

  /** kill -9, or the end of an orderly exit: all its connections break. */
  die(): void {
    this.#alive = false;
    for (const line of this.#lines) line.close();
    this.#lines.clear();
  }

  /** A connection that this process opens. */
  connect(): Line {
    const line = new Line(this.time, this.random);
    this.hold(line);
    return line;
  }

  /** A connection that this process accepts. */
  hold(line: Line): void {
    if (this.#alive) this.#lines.add(line);
    else line.close();
  }

  /** The request of this line is over. */
  let(line: Line): void {
    this.#lines.delete(line);
  }

  /** Something short that the process does, or a timer of its own. */
  *sleep(ms: number): Routine<void> {
    yield* until<void>((done) => this.time.after(ms, done));
  }
}
