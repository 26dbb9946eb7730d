/** Whether an HTTP/1.1 answer with an output has come whole: by its length, its last chunk, or the end of its connection (RFC 9112, 6.3). */

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** Follows the bytes of one answer. */
export class WholeAnswer {
  #head = "";
  #bodyBytes = 0;
  #tail: Buffer = Buffer.alloc(0);

  /** Whether these bytes, the first of an answer, begin one with status 200 or 201. */
  static begins(bytes: Buffer): boolean {
    return /^HTTP\/1\.[01] 20[01] /.test(bytes.toString("latin1", 0, 16));
  }

  /** Takes further bytes. True when they complete the answer. */
  take(bytes: Buffer): boolean {
    let body = bytes;
    if (!this.#head.includes(HEAD_END)) {
      const before = this.#head.length;
      this.#head += bytes.toString("latin1");
      const end = this.#head.indexOf(HEAD_END);
      if (end === -1) return false;
      const length = end + HEAD_END.length;
      this.#head = this.#head.slice(0, length);
      body = bytes.subarray(length - before);
    }
    this.#bodyBytes += body.length;
    this.#tail = Buffer.concat([this.#tail, body]).subarray(-LAST_CHUNK.length);
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(this.#head)?.[1];
    if (length !== undefined) return this.#bodyBytes >= Number(length);
    return /\r\ntransfer-encoding: *chunked\r\n/i.test(this.#head) && this.#tail.equals(LAST_CHUNK);
  }

  /** Whether the end of the connection is what completes it. */
  get endsWithConnection(): boolean {
    return this.#head.includes(HEAD_END) && !/\r\n(content-length|transfer-encoding):/i.test(this.#head);
  }
}
