/** The proxy process as seen by the trial: started with its paths, spoken to by `PathProxy`, ended for sure. */
import { TrialError } from "../errors.ts";
import type { PathProxy, ProxiedPath } from "../nemeses/nemesis.ts";
import { entryPoint } from "../processes/entry.ts";
import { ForkedProcess } from "../processes/fork.ts";
import type { Address, FromProxy, PathCall, ProxyHold, ProxySettings, ToProxy } from "./protocol.ts";

const LISTENS_WITHIN_MS = 20_000;
/** A proxy that does not do at once what it is told has no hold on its connections. Probes say themselves how long they take. */
const OBEYS_WITHIN_MS = 5_000;

/** What to start. */
export interface ProxyStart {
  readonly paths: ProxySettings["paths"];
  readonly logFile: string;
  readonly cores: string | null;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One process for all paths of a trial. */
export class Proxies {
  readonly process: ForkedProcess<ToProxy, FromProxy>;
  #ports: Readonly<Partial<Record<ProxiedPath, number>>> = {};
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  private constructor(process: ForkedProcess<ToProxy, FromProxy>) {
    this.process = process;
    process.onMessage((message) => {
      if (message.type === "done") this.#waiting.get(message.id)?.resolve(message.result);
      else if (message.type === "failed") this.#abandon(new TrialError(`The proxy failed: ${message.reason}`));
    });
    void process.exited.then(() => this.#abandon(new TrialError("The proxy process has ended.")));
  }

  /** Resolves when every path can be entered. @throws TrialError */
  static async start({ paths, logFile, cores }: ProxyStart): Promise<Proxies> {
    const module = entryPoint(import.meta.url, "./main");
    const proxies = new Proxies(ForkedProcess.start({ name: "proxy", module, logFile, cores }));
    try {
      proxies.process.send({ type: "settings", paths });
      proxies.#ports = (await proxies.process.next("listening", LISTENS_WITHIN_MS)).ports;
      return proxies;
    } catch (error) {
      await proxies.process.stop();
      throw error;
    }
  }

  /** Port of 127.0.0.1 on which each path is entered. */
  get ports(): Readonly<Partial<Record<ProxiedPath, number>>> {
    return this.#ports;
  }

  /** The proxy on a path. @throws TrialError where there is none */
  on(path: ProxiedPath): PathProxy {
    if (this.#ports[path] === undefined) throw new TrialError(`There is no proxy on the path "${path}" in this trial.`);
    const ask = <Result>(what: PathCall, limitMs?: number) => this.#ask(path, what, limitMs) as Promise<Result>;
    return {
      disturb: async (disturbance) => void (await ask({ call: "disturb", disturbance })),
      reset: () => ask({ call: "reset" }),
      redirect: async (port) => void (await ask({ call: "redirect", port })),
      probe: (probe) => ask({ call: "probe", ask: probe }, probe.withinMs + OBEYS_WITHIN_MS),
      seen: () => ask({ call: "seen" }),
    };
  }

  /** Holds turns on a path from now on; who stands there is told in messages "held". @throws TrialError */
  async hold(path: ProxiedPath, order: ProxyHold): Promise<void> {
    await this.#ask(path, { call: "hold", order });
  }

  /** Resolves when what a hold has kept was passed on. @throws TrialError */
  async release(path: ProxiedPath, id: string): Promise<void> {
    await this.#ask(path, { call: "release", id });
  }

  async #ask(path: ProxiedPath, what: PathCall, limitMs = OBEYS_WITHIN_MS): Promise<unknown> {
    const id = ++this.#calls;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        const late = new TrialError(`The proxy had not done "${what.call}" after ${limitMs / 1000} s.`);
        timer = setTimeout(() => reject(late), limitMs);
        this.process.send({ type: "call", id, path, what });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  #abandon(error: TrialError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}

/** Host and port of a URL such as http://127.0.0.1:8080 or postgres://user@host/db, which means 5432. */
export function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol.startsWith("postgres") ? 5432 : 80),
  };
}

/** The same URL by way of a proxy of ours, which enters on this port. */
export function through(url: string, port: number): string {
  const led = new URL(url);
  led.hostname = "127.0.0.1";
  led.port = String(port);
  return led.href;
}
