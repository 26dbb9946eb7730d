/**
 * Model and tools for single parts, in the bench's own process. Answers are paced as the World paces them, frame by frame and with delays
 * drawn as in everyday turns, since what a frame costs its reader depends on whether it comes alone.
 */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { monotonicMs } from "../../harness/clock.ts";
import { draw, lognormal, randomOf } from "../../harness/random.ts";
import { IntervalRecorder } from "../../harness/statistics/interval-recorder.ts";
import { sendJson } from "../../harness/world/api.ts";
import { ChunkWriter, completionId } from "../../harness/world/chunks.ts";
import { PacedStream } from "../../harness/world/paced-stream.ts";
import { Wheel } from "../../harness/world/wheel.ts";
import { BRIEFLY } from "./job.ts";

const FIRST_TOKEN_MS = lognormal(600, 0.35);
const TOOL_MS = lognormal(80, 0.5);
const GAP_MS = 20;
/** Of an answer in everyday turns, on average; one that was asked for briefly has one. */
export const TOKENS = 32;
/** Longer requests are not looked through. */
const BRIEF_BYTES = 2048;
const BACKLOG = 4096;

export class PacedWorld {
  /** Pieces of text written so far, and bytes of requests read. */
  frames = 0;
  bytes = 0;
  readonly #random = randomOf(1, "paced world");
  readonly #wheel = new Wheel(monotonicMs);
  readonly #lateness = new IntervalRecorder(null, "lateness", monotonicMs);
  readonly #server = createServer((request, response) => {
    let bytes = 0;
    let tokens = TOKENS;
    request.on("data", (piece: Buffer) => {
      if (bytes === 0 && piece.length < BRIEF_BYTES && piece.includes(BRIEFLY)) tokens = 1;
      bytes += piece.length;
    });
    request.on("end", () => {
      this.bytes += bytes;
      if (request.url?.includes("/tools/") === true) this.#answerTool(response);
      else this.#answer(response, tokens);
    });
  });

  /** Starts on a loopback port of its own. */
  static async start(): Promise<PacedWorld> {
    const world = new PacedWorld();
    world.#server.listen(0, "127.0.0.1", BACKLOG);
    await once(world.#server, "listening");
    return world;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #answerTool(response: ServerResponse): void {
    this.#wheel.after(draw(TOOL_MS, this.#random), () => sendJson({ response }, 200, '{"saved":"D_1_2_3_0_0_k"}'));
  }

  #answer(response: ServerResponse, tokens: number): void {
    const chunks = new ChunkWriter({ id: completionId(1), created: 1_700_000_000, model: "any", usage: false });
    const plan = {
      response,
      chunks,
      tokens: Array.from({ length: tokens }, (_, n) => ` word${n}`),
      arrivedMs: monotonicMs(),
      firstTokenMs: draw(FIRST_TOKEN_MS, this.#random),
      gapMs: GAP_MS,
      closing: chunks.finish("stop") + ChunkWriter.done,
      how: "end",
      end: "done",
    } as const;
    const room = { clock: monotonicMs, wheel: this.#wheel, lateness: this.#lateness };
    const over = (_end: string, said: number): void => {
      this.frames += said;
    };
    new PacedStream(plan, room, { first: () => undefined, over }).start();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#wheel.stop();
  }
}
