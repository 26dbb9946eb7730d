/**
 * Live feed of one trial: from what the trial writes into its history, and what the driver says once a second, to what watchers are told.
 *
 * Promises: events are told in order, in a turn of the event loop of their own, so that nothing that the trial stamps or does waits
 * for a watcher.
 */
import type { TrialEvent } from "../history.ts";
import type { DriverSecond, TrialLive } from "../live.ts";

export class LiveFeed {
  readonly #tell: (event: TrialLive) => void;
  #waiting: TrialLive[] = [];
  #scheduled: NodeJS.Immediate | null = null;
  /** Trial time at which the load began. */
  #loadMs: number | null = null;

  constructor(tell: (event: TrialLive) => void) {
    this.#tell = tell;
  }

  second(second: DriverSecond): void {
    const { offered, answered, failed, setbacks, late, overhead, live, pending, proved, toProve } = second;
    const counts = { offered, answered, failed, setbacks, late, overhead, live, pending, proved, toProve };
    this.#push({ e: "second", second: second.second, ...counts });
  }

  /** To be told of everything that goes into the trial's history; most of it is not for watchers. */
  saw(event: TrialEvent): void {
    if (event.e === "phase" && event.phase === "warmup") this.#loadMs = event.t;
    const told = this.#translated(event);
    if (told !== null) this.#push(told);
  }

  /** Tells what waits, at the end of the trial. */
  flush(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    for (const event of this.#waiting.splice(0)) this.#tell(event);
  }

  #push(event: TrialLive): void {
    this.#waiting.push(event);
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Seconds of the load, to a hundredth; 0 before it began. */
  #at(ms: number): number {
    return this.#loadMs === null ? 0 : Math.round((ms - this.#loadMs) / 10) / 100;
  }

  #translated(event: TrialEvent): TrialLive | null {
    const atS = this.#at(event.t);
    switch (event.e) {
      case "phase":
        return { e: "phase", atS, phase: event.phase };
      case "fault":
        return { e: "fault", atS, id: event.id, state: "fired", says: event.kind };
      case "landed":
        return { e: "fault", atS, id: event.id, state: "landed", says: event.proof };
      case "cured":
        return { e: "fault", atS, id: event.id, state: "cured", says: "" };
      case "missed":
        return { e: "fault", atS, id: event.id, state: "missed", says: event.why };
      case "start":
        return { e: "process", atS, name: nameOf(event), state: "started", says: "" };
      case "ready":
        return { e: "process", atS, name: nameOf(event), state: "ready", says: "" };
      case "exit":
        return { e: "process", atS, name: nameOf(event), state: event.expected ? "ended" : "died", says: "" };
      case "gave-up":
        return { e: "process", atS, name: "runtime", state: "gave up", says: event.reason };
      default:
        return null;
    }
  }
}

/** "server", or "server 2" for the second replica. */
const nameOf = ({ process, replica }: { readonly process: string; readonly replica: number }): string =>
  replica === 0 ? process : `${process} ${replica + 1}`;
