import { describe, expect, test } from "vitest";
import { eventValues } from "./event-stream.ts";

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
