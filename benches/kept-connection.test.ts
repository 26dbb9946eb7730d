import { describe, expect, it } from "vitest";
import { ResponseReader } from "./kept-connection.ts";

const PLAIN = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"output":"für"}';
const CHUNKED =
  "HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n8;name=x\r\n wor\r\nld\r\n0\r\n\r\n";

describe("the reader of responses", () => {
  it("reads bodies with a length and in chunks, wherever the bytes are cut", () => {
    const bytes = Buffer.from(PLAIN + CHUNKED);
    for (let cut = 1; cut < bytes.length; cut++) {
      const reader = new ResponseReader();
      // The second piece may hold two responses, as with a server that answers ahead; each call gives one.
      const seen = [bytes.subarray(0, cut), bytes.subarray(cut), Buffer.alloc(0)].flatMap(
        (piece) => reader.take(piece) ?? [],
      );
      expect(seen).toEqual([
        { status: 200, body: '{"output":"für"}', closes: false },
        { status: 503, body: "hello wor\r\nld", closes: true },
      ]);
    }
  });

  it("refuses a response whose end cannot be seen", () => {
    expect(() => new ResponseReader().take(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"))).toThrow("known length");
    expect(() => new ResponseReader().take(Buffer.from("SSH-2.0\r\n\r\n"))).toThrow("known length");
  });
});
