/** A client that is nothing but a socket, to see exactly which bytes the World has written so far. */
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { ChatMessage, TestWorld } from "./test-world.ts";

const LIMIT_MS = 5_000;

export class RawClient {
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  /** Resolves with how the connection ended. */
  readonly closed: Promise<"end" | "reset">;

  constructor(port: number, path: string, body: string) {
    const socket = connect(port, "127.0.0.1");
    this.#socket = socket;
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n`;
    socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    socket.on("data", (piece: Buffer) => this.#pieces.push(piece));
    this.closed = new Promise((resolve) => {
      socket.once("error", () => resolve("reset"));
      socket.once("close", () => resolve("end"));
    });
    onTestFinished(() => void socket.destroy());
  }

  /** Leaves without a word, as a killed process does. */
  leave(): void {
    this.#socket.resetAndDestroy();
  }

  /** Everything read so far, one character per byte. */
  get text(): string {
    return Buffer.concat(this.#pieces).toString("latin1");
  }

  /** The body read so far without the framing of its chunks. */
  get body(): string {
    const { text } = this;
    const start = text.indexOf("\r\n\r\n") + 4;
    let body = "";
    for (let at = start; start >= 4 && at < text.length; ) {
      const line = text.indexOf("\r\n", at);
      const length = Number.parseInt(text.slice(at, line), 16);
      body += text.slice(line + 2, line + 2 + length);
      at = line + 2 + length + 2;
    }
    return body;
  }

  /** Sizes of the chunks read so far, the closing 0 included. */
  get chunkSizes(): number[] {
    return [...this.text.matchAll(/\r\n([0-9a-f]+)\r\n/g)].map(([, size]) => Number.parseInt(size ?? "", 16));
  }

  /** Tokens read so far. */
  get tokens(): string[] {
    return [...this.body.matchAll(/"delta":\{"content":"([^"]*)"\},"logprobs"/g)].map(([, token]) => token ?? "");
  }

  /** Waits until the bytes read satisfy a condition. */
  async until(holds: (client: RawClient) => boolean): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!holds(this)) {
      if (performance.now() > deadline) throw new Error(`not within ${LIMIT_MS} ms; read so far: ${this.text}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Asks the model for a stream. */
export function rawAsk({ world }: TestWorld, ...messages: readonly ChatMessage[]): RawClient {
  return new RawClient(world.port, "/i/3/v1/chat/completions", JSON.stringify({ model: "m", stream: true, messages }));
}

/** Asks for the remote tool that a message calls. */
export function rawTool({ world }: TestWorld, message: ChatMessage, index = 0): RawClient {
  const call = message.tool_calls?.[index]?.function;
  return new RawClient(world.port, `/i/3/tools/${call?.name}`, call?.arguments ?? "");
}
