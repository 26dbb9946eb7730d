/**
 * One connection that is kept, with one request at a time: a client for benches in which a client must cost next to nothing. The
 * driver's own costs four times as much, which is nothing in a trial and too much beside a runtime that fills its core.
 */
import { connect, type Socket } from "node:net";
import type { BackendRequest, BackendResponse } from "../harness/driver/mapping.ts";
import { TrialError } from "../harness/errors.ts";

const HEAD_END = "\r\n\r\n";

/** Reads one response after the other from bytes that may be cut anywhere. Bodies have a length or come in chunks (RFC 9112, 6 and 7). */
export class ResponseReader {
  #unread: Buffer = Buffer.alloc(0);

  /** Takes bytes; gives the response as soon as it is whole. @throws TrialError when they are no response whose end can be seen */
  take(bytes: Buffer): (BackendResponse & { readonly closes: boolean }) | undefined {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    const headEnd = this.#unread.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const head = this.#unread.toString("latin1", 0, headEnd);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    const chunked = /^transfer-encoding: *chunked/im.test(head);
    if (Number.isNaN(status) || (length === undefined && !chunked))
      throw new TrialError(`This is no response of a known length:\n${head}`);
    const bodyStart = headEnd + HEAD_END.length;
    const body = chunked ? this.#chunks(bodyStart) : this.#plain(bodyStart, Number(length));
    return body === undefined ? undefined : { status, body, closes: /^connection: *close/im.test(head) };
  }

  #plain(start: number, length: number): string | undefined {
    if (this.#unread.length < start + length) return undefined;
    const body = this.#unread.toString("utf8", start, start + length);
    this.#unread = this.#unread.subarray(start + length);
    return body;
  }

  #chunks(start: number): string | undefined {
    const pieces: Buffer[] = [];
    for (let at = start; ; ) {
      const lineEnd = this.#unread.indexOf("\r\n", at);
      if (lineEnd === -1) return undefined;
      const length = Number.parseInt(this.#unread.toString("latin1", at, lineEnd), 16);
      const next = lineEnd + 2 + length + 2;
      if (Number.isNaN(length)) throw new TrialError("A chunk of the response has no length.");
      if (this.#unread.length < next) return undefined;
      if (length === 0) {
        this.#unread = this.#unread.subarray(next);
        return Buffer.concat(pieces).toString();
      }
      pieces.push(this.#unread.subarray(lineEnd + 2, next - 2));
      at = next;
    }
  }
}

interface Waiter {
  readonly resolve: (response: BackendResponse) => void;
  readonly reject: (error: Error) => void;
}

/** A request as it goes to the socket. */
function requestBytes(host: string, { method, path, headers, body }: BackendRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === null ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join("")}${length}\r\n${body ?? ""}`;
}

export class KeptConnection {
  readonly #url: URL;
  readonly #silenceMs: number;
  #socket: Socket | null = null;
  #waiter: Waiter | null = null;

  /** Connects at the first request, and again where the other side has closed. @param silenceMs the longest wait for an answer */
  constructor(baseUrl: string, silenceMs: number) {
    this.#url = new URL(baseUrl);
    this.#silenceMs = silenceMs;
  }

  /** Asks; nothing else may be under way. @throws TrialError when the connection breaks or nothing comes */
  ask(request: BackendRequest): Promise<BackendResponse> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#socket ??= this.#connect();
      this.#socket.write(requestBytes(this.#url.host, request));
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    const reader = new ResponseReader();
    const broken = (why: string): void => {
      socket.destroy();
      // What becomes of a connection that another has followed is nobody's business any more.
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#waiter?.reject(new TrialError(`The runtime did not answer: ${why}.`));
      this.#waiter = null;
    };
    socket.setTimeout(this.#silenceMs, () => broken(`silent for ${this.#silenceMs / 1000} s`));
    socket.on("error", (error) => broken(error.message));
    socket.on("close", () => broken("the connection was closed"));
    socket.on("data", (bytes) => {
      try {
        const response = reader.take(bytes);
        if (response === undefined) return;
        // Another request may follow at once, so this connection must be out of its way before.
        if (response.closes) this.#socket = null;
        const waiter = this.#waiter;
        this.#waiter = null;
        waiter?.resolve(response);
        if (response.closes) socket.destroy();
      } catch (error) {
        broken((error as Error).message);
      }
    });
    return socket;
  }
}
