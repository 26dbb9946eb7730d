/** Probe: a connection through the proxy to its echo, and what became of what was sent on it. */
import { connect, type Socket } from "node:net";
import type { ProbeAsk, ProbeSeen } from "../nemeses/nemesis.ts";

const open = (port: number): Socket => connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });

/** Resolves when all came back (and, where asked for, the end too), on a reset, or after `withinMs`. Never rejects. */
function ask(socket: Socket, { bytes, withinMs, untilClosed }: ProbeAsk): Promise<ProbeSeen> {
  return new Promise((resolve) => {
    const began = performance.now();
    const since = (): number => performance.now() - began;
    let came = 0;
    let ms = 0;
    const finish = (how: ProbeSeen["how"], closedMs: number | null = null): void => {
      clearTimeout(timer);
      socket.off("data", take).off("end", ended).off("close", broken);
      resolve({ how, bytes: came, ms: came > 0 ? ms : since(), closedMs });
    };
    const soFar = (): ProbeSeen["how"] => (came === bytes ? "answered" : "silent");
    const timer = setTimeout(() => finish(soFar()), withinMs);
    const take = (chunk: Buffer): void => {
      came += chunk.length;
      ms = since();
      if (came < bytes) return;
      if (untilClosed === true) socket.end();
      else finish("answered");
    };
    const ended = (): void => finish(came === bytes ? "answered" : "reset", since());
    const broken = (): void => finish(came === bytes ? "answered" : "reset");
    socket.on("data", take).on("end", ended).on("close", broken);
    if (socket.destroyed) broken();
    else socket.write(Buffer.alloc(bytes, 97));
  });
}

/** Probes of one path. */
export class Prober {
  readonly #port: number;
  #standing: Socket | null = null;

  /** @param port where the path's probes enter */
  constructor(port: number) {
    this.#port = port;
  }

  async ask(what: ProbeAsk): Promise<ProbeSeen> {
    if (what.standing === true) return this.#askStanding(what);
    const socket = open(this.#port).on("error", () => undefined);
    const seen = await ask(socket, what);
    socket.destroy();
    return seen;
  }

  /** One that broke is found broken by the next who asks, and made anew for the one after. */
  async #askStanding(what: ProbeAsk): Promise<ProbeSeen> {
    this.#standing ??= open(this.#port).on("error", () => undefined);
    const seen = await ask(this.#standing, what);
    if (this.#standing.destroyed) this.#standing = null;
    return seen;
  }
}
