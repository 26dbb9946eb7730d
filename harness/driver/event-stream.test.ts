import { describe, expect, test } from "vitest";
import { EventStream, eventValues } from "./event-stream.ts";

describe("an event stream", () => {
  test.each([
    ["each event gives its value", "data: a\n\ndata: b\n\n", ["a", "b"]],
    ["lines of one event are joined", "data: a\ndata: b\n\n", ["a\nb"]],
    ["one leading space is no part of the value", "data:a\n\ndata:  b\n\n", ["a", " b"]],
    ["other fields and comments are left out", ": hello\nevent: x\nid: 1\ndata: a\n\n", ["a"]],
    ["carriage returns end lines, too", "data: a\r\ndata: b\r\n\r\ndata: c\r\r", ["a\nb", "c"]],
    ["the end mark is left out", "data: a\n\ndata: [DONE]\n\n", ["a"]],
    ["a last event without a blank line counts", "data: a\n\ndata: b", ["a", "b"]],
    ["an event without the field gives nothing", "event: ping\n\n", []],
    ["a byte order mark is skipped", "\uFEFFdata: a\n\n", ["a"]],
  ])("%s", (_, stream, expected) => {
    expect(eventValues(stream, "data")).toEqual(expected);
  });
});

describe("an event stream that comes in pieces", () => {
  const text = "\uFEFFevent: token\r\ndata: é\r\n\r\nevent: b\rdata: c\rdata: d\r\r: note\n\ndata: [DONE]\n\ndata: e";
  const whole = [
    { value: "é", name: "token" },
    { value: "c\nd", name: "b" },
    { value: "e", name: "" },
  ];

  test("gives the same events wherever it is cut", () => {
    const bytes = Buffer.from(text);
    for (let one = 0; one <= bytes.length; one++)
      for (const two of [one, one + 1, one + 7]) {
        const stream = new EventStream("data");
        const pieces = [bytes.subarray(0, one), bytes.subarray(one, two), bytes.subarray(two)];
        expect([...pieces.flatMap((piece) => stream.read(piece)), ...stream.end()]).toEqual(whole);
      }
  });

  test("gives an event as soon as its blank line has come", () => {
    const stream = new EventStream("data");
    expect(stream.read(Buffer.from("data: a\n"))).toEqual([]);
    expect(stream.read(Buffer.from("\nda"))).toEqual([{ value: "a", name: "" }]);
    expect(stream.read(Buffer.from("ta: b\n\n"))).toEqual([{ value: "b", name: "" }]);
    expect(stream.end()).toEqual([]);
  });
});
