import { describe, expect, it } from "vitest";
import { WholeAnswer } from "./whole-answer.ts";

/** After which pieces the answer was whole. */
function wholeAfter(...pieces: string[]): boolean[] {
  const answer = new WholeAnswer();
  return pieces.map((piece) => answer.take(Buffer.from(piece)));
}

describe("an answer is whole", () => {
  it.each([
    ["with all bytes of its length", ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "llo"], [false, true]],
    ["at once when head and body come together", ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"], [true]],
    ["though its head came in two", ["HTTP/1.1 200 OK\r\ncontent-le", "ngth: 2\r\n\r\nok"], [false, true]],
    [
      "with its last chunk, even when that is torn",
      ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0", "\r\n\r\n"],
      [false, true],
    ],
  ])("%s", (_, pieces, expected) => {
    expect(wholeAfter(...pieces)).toEqual(expected);
  });

  it("with the end of its connection where nothing else says how long it is", () => {
    const answer = new WholeAnswer();
    expect(answer.take(Buffer.from("HTTP/1.1 200 OK\r\n\r\nall of it"))).toBe(false);
    expect(answer.endsWithConnection).toBe(true);
    const sized = new WholeAnswer();
    sized.take(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nnot all"));
    expect(sized.endsWithConnection).toBe(false);
  });

  it("only if it is one: a refusal is none", () => {
    expect(WholeAnswer.begins(Buffer.from("HTTP/1.1 200 OK\r\n"))).toBe(true);
    expect(WholeAnswer.begins(Buffer.from("HTTP/1.1 503 Service Unavailable\r\n"))).toBe(false);
  });
});
