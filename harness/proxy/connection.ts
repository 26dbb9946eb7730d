/** Connection: two sockets and a pump in each direction. How one side ends is how the other is told, unless nobody is to be told. */
import type { Socket } from "node:net";
import type { Disturbance } from "../nemeses/nemesis.ts";
import type { Watched } from "./keeper.ts";
import type { Link } from "./link.ts";
import { Pump, type PumpEnds } from "./pump.ts";

/** What a connection is made of. */
export interface ConnectionParts {
  /** Accepted and paused. */
  readonly client: Socket;
  /** Opens the other half; not asked before the path lets anything through. */
  readonly connect: () => Socket;
  readonly up: Link;
  readonly down: Link;
  readonly disturbance: () => Disturbance;
  readonly count: (bytes: number) => void;
  /** Absent where nothing is ever held. */
  readonly watched?: Watched;
  /** Both halves are gone. */
  readonly gone: () => void;
}

const reset = (socket: Socket): void => {
  if (socket.destroyed) return;
  // Before it is connected there is nothing to reset.
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
};

export class Connection {
  readonly #parts: ConnectionParts;
  #upstream: Socket | null = null;
  #pumps: readonly Pump[] = [];
  #dead = false;
  #open = 1;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#watch(parts.client);
    this.adapt();
  }

  /** True once it was left for dead. */
  get dead(): boolean {
    return this.#dead;
  }

  /** From now on nothing passes and nobody is told, whatever the path does, until it is reset. */
  die(): void {
    this.#dead = true;
    this.adapt();
  }

  /** Looks at the path's disturbance anew. */
  adapt(): void {
    if (this.#held) {
      this.#parts.client.pause();
      for (const pump of this.#pumps) pump.hold();
      return;
    }
    if (this.#upstream === null) this.#join();
    else this.#tell();
    for (const pump of this.#pumps) pump.go();
  }

  /** Ends both halves with a reset. */
  reset(): void {
    reset(this.#parts.client);
    if (this.#upstream !== null) reset(this.#upstream);
  }

  get #held(): boolean {
    return this.#dead || this.#parts.disturbance().silent === true;
  }

  #join(): void {
    const { client, connect, up, down, disturbance, count, watched } = this.#parts;
    if (client.destroyed) return;
    const upstream = connect();
    this.#upstream = upstream;
    this.#open += 1;
    this.#watch(upstream);
    const keepsAnswer: PumpEnds["keeps"] = (what, pass) =>
      watched?.keepsAnswer(what, () => {
        pass();
        if (upstream.destroyed) client.end();
      }) ?? false;
    const keepsRequest: PumpEnds["keeps"] = (what, pass) => watched?.keepsRequest(what, pass) ?? false;
    this.#pumps = [
      new Pump({ from: client, to: upstream, link: up, disturbance, count, keeps: keepsRequest }),
      new Pump({ from: upstream, to: client, link: down, disturbance, count, keeps: keepsAnswer }),
    ];
  }

  #watch(socket: Socket): void {
    // The reason stays on the socket and is read when it closes.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#open -= 1;
      if (!this.#held) this.#tell();
      if (this.#open > 0) return;
      for (const pump of this.#pumps) pump.drop();
      this.#parts.watched?.leave();
      this.#parts.gone();
    });
  }

  /** A half that broke breaks the other one. One that ended in order has sent its end through the pump. */
  #tell(): void {
    const { client } = this.#parts;
    const upstream = this.#upstream;
    const broken = (socket: Socket): boolean => socket.destroyed && (socket.errored !== null || !socket.readableEnded);
    if (upstream === null) return;
    if (broken(client)) reset(upstream);
    if (!broken(upstream)) return;
    const answer = this.#parts.watched?.answer ?? "none";
    // A whole answer that was kept is not taken back by the death of whoever gave it.
    if (answer === "none") reset(client);
    else if (answer === "passed") client.end();
  }
}
