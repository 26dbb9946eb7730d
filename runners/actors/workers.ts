/**
 * The workers, and the main thread as their supervisor: sends each session's messages to the worker that it is pinned to, and
 * starts a worker that died again, without the actors that it had.
 *
 * Promises that a question to a dead worker fails. Workers that die too often are given up, and with them the process: its own
 * supervisor then decides.
 */
import { Worker } from "node:worker_threads";
import type { Agent } from "../kit/typescript/front.ts";
import { fnv1a32 } from "../kit/typescript/local-tools.ts";
import type { FinishedTurn, Listener, TurnResult } from "../kit/typescript/messages.ts";
import type { Request } from "./protocol.ts";
import { DEFAULT_INTENSITY, type IntensityLimit, RestartIntensity } from "./restart-intensity.ts";
import { ThreadLink } from "./thread-link.ts";

/** Like its caller, the worker is a source in the repository and compiled in the installed package. */
const ENTRY = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

export interface WorkersSettings {
  readonly count: number;
  /** V8's limit for the long-lived objects of one worker. */
  readonly heapMb: number;
  /** Called when workers died too often. */
  readonly onGiveUp: () => void;
  readonly limit?: IntensityLimit;
}

interface PinnedWorker {
  readonly worker: Worker;
  readonly link: ThreadLink;
}

export class Workers implements Agent {
  readonly #settings: WorkersSettings;
  readonly #workers: PinnedWorker[];
  readonly #intensity: RestartIntensity;
  #closing = false;

  constructor(settings: WorkersSettings) {
    this.#settings = settings;
    this.#intensity = new RestartIntensity(settings.limit ?? DEFAULT_INTENSITY);
    this.#workers = Array.from({ length: settings.count }, (_, index) => this.#start(index));
  }

  /** Resolves when every worker answers, so that nobody is told to come before. */
  async started(): Promise<void> {
    await Promise.all(this.#workers.map(({ link }) => link.ask({ ask: "read", session: "" })));
  }

  async runTurn(session: string, turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const reply = await this.#ask({ ask: "turn", session, turn, input }, listener);
    if (!("result" in reply)) throw new Error("a turn was answered with something else");
    return reply.result;
  }

  async readSession(session: string): Promise<readonly FinishedTurn[] | undefined> {
    const reply = await this.#ask({ ask: "read", session });
    if (!("turns" in reply)) throw new Error("a read was answered with something else");
    return reply.turns;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }

  /** The hash of its id pins a session to a worker for as long as the process lives. */
  #ask(request: Request, listener?: Listener): ReturnType<ThreadLink["ask"]> {
    const pinned = this.#workers[fnv1a32(request.session) % this.#workers.length];
    if (pinned === undefined) throw new Error("there are no workers");
    return pinned.link.ask(request, listener);
  }

  #start(index: number): PinnedWorker {
    const worker = new Worker(ENTRY, { resourceLimits: { maxOldGenerationSizeMb: this.#settings.heapMb } });
    const link = new ThreadLink(
      (message) => worker.postMessage(message),
      // Only actors that spawn children ask the main thread.
      (request) => this.#ask(request),
    );
    worker.on("message", (message) => void link.receive(message));
    worker.on("error", (error) => console.error(`worker ${index} died: ${String(error)}`));
    worker.once("exit", (code) => {
      link.cut(`worker ${index} died`);
      if (!this.#closing) this.#restart(index, code);
    });
    return { worker, link };
  }

  #restart(index: number, code: number): void {
    console.error(`worker ${index} ended with code ${code}`);
    if (this.#intensity.allows(performance.now())) this.#workers[index] = this.#start(index);
    else this.#settings.onGiveUp();
  }
}
