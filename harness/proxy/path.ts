/**
 * Path: a listener of the proxy with all its connections. A second listener leads to an echo instead of the path's end, through the
 * same links and disturbances: what a probe meets there is what everybody meets.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Disturbance, ProbeAsk, ProbeSeen } from "../nemeses/nemesis.ts";
import { Connection } from "./connection.ts";
import { Keeper, type Standing, Watched } from "./keeper.ts";
import { Link } from "./link.ts";
import { Prober } from "./probe.ts";
import type { Address } from "./protocol.ts";

/** Clients that return all at once after a fault must not be turned away by the kernel here. */
const BACKLOG = 4096;
const NOTHING: Disturbance = {};

async function listen(accept: (socket: Socket) => void, pauseOnConnect: boolean): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect }, accept);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1", backlog: BACKLOG }, resolve);
  });
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export class Path {
  #target: Address;
  readonly #connections = new Set<Connection>();
  readonly #probes = new Set<Connection>();
  readonly #up = new Link();
  readonly #down = new Link();
  #servers: Server[] = [];
  #prober = new Prober(0);
  #disturbance: Disturbance = NOTHING;
  #opened = 0;
  #bytes = 0;
  port = 0;

  /** Holds turns on their way through. */
  readonly keeper: Keeper;

  private constructor(target: Address, held: (id: string, standing: Standing) => void) {
    this.#target = target;
    this.keeper = new Keeper(held);
  }

  /** Listens on 127.0.0.1, on a port of the kernel's choice. @param held hears who stands at a hold */
  static async listen(
    target: Address,
    held: (id: string, standing: Standing) => void = () => undefined,
  ): Promise<Path> {
    const path = new Path(target, held);
    const echo = await listen((socket) => socket.on("error", () => undefined).pipe(socket), false);
    const echoAt = { host: "127.0.0.1", port: portOf(echo) };
    const main = await listen((client) => {
      path.#opened += 1;
      path.#accept(client, path.#connections, path.#target, (bytes) => {
        path.#bytes += bytes;
      });
    }, true);
    const forProbes = await listen((client) => path.#accept(client, path.#probes, echoAt, () => undefined), true);
    path.#servers = [echo, main, forProbes];
    path.port = portOf(main);
    path.#prober = new Prober(portOf(forProbes));
    return path;
  }

  disturb(disturbance: Disturbance | null): void {
    this.#disturbance = disturbance ?? NOTHING;
    this.#up.clear();
    this.#down.clear();
    for (const connection of [...this.#connections, ...this.#probes]) {
      if (this.#disturbance.stale === true) connection.die();
      else if (connection.dead) connection.reset();
      else connection.adapt();
    }
  }

  reset(): number {
    const open = [...this.#connections];
    for (const connection of [...open, ...this.#probes]) connection.reset();
    return open.length;
  }

  redirect(port: number): void {
    this.#target = { host: "127.0.0.1", port };
  }

  seen(): { readonly opened: number; readonly open: number; readonly bytes: number } {
    return { opened: this.#opened, open: this.#connections.size, bytes: this.#bytes };
  }

  probe(ask: ProbeAsk): Promise<ProbeSeen> {
    return this.#prober.ask(ask);
  }

  /** Ends everything at once. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const connection of [...this.#connections, ...this.#probes]) connection.reset();
  }

  #accept(client: Socket, among: Set<Connection>, to: Address, count: (bytes: number) => void): void {
    if (this.#disturbance.refuse === true) {
      client.on("error", () => undefined).resetAndDestroy();
      return;
    }
    const connection: Connection = new Connection({
      client,
      connect: () => connect({ ...to, allowHalfOpen: true, noDelay: true }),
      up: this.#up,
      down: this.#down,
      disturbance: () => this.#disturbance,
      count,
      watched: new Watched(this.keeper),
      gone: () => among.delete(connection),
    });
    among.add(connection);
  }
}
