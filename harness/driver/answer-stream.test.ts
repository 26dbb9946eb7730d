import { describe, expect, test } from "vitest";
import type { Mapping } from "../runner.ts";
import { AnswerStream } from "./answer-stream.ts";
import { CONTRACT_STREAM_MAPPING } from "./mapping.ts";

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const token = (step: number, text: string): string => event("token", { step, text });
const result = (output: string): string => event("result", { output });

/** Reads chunks at their stamps; gives the outcome and what the witness was told. */
function readAt(chunks: readonly (readonly [number, string])[], mapping: Mapping = CONTRACT_STREAM_MAPPING) {
  const firsts: [number, number | undefined][] = [];
  const gaps: number[] = [];
  const stream = new AnswerStream(mapping, {
    first: (nowMs, step) => firsts.push([nowMs, step]),
    gap: (ms) => gaps.push(ms),
  });
  for (const [nowMs, text] of chunks) stream.read(Buffer.from(text), nowMs);
  return { outcome: stream.outcome(chunks.at(-1)?.[0] ?? 0), firsts, gaps };
}

describe("an answer in the contract's events", () => {
  test("counts every token at the stamp of its read, and no gap between two steps", () => {
    const read = readAt([
      [100, token(1, "I ") + token(1, "look")],
      [120, token(1, " up.")],
      [500, token(2, "It ")],
      [530, token(2, "is ")],
      [545, token(2, "so.")],
      [546, result("It is so.")],
    ]);
    expect(read.firsts).toEqual([[100, 1]]);
    expect(read.gaps).toEqual([0, 20, 30, 15]);
    const stream = { tokens: 6, gapMs: 30, early: 1, text: "whole" };
    expect(read.outcome).toEqual({ kind: "ok", output: "It is so.", stream });
  });

  test("shows as early what had been read before the read that brought the end", () => {
    const read = readAt([
      [100, token(1, "four")],
      [120, token(1, " more") + result("four more")],
    ]);
    expect(read.outcome).toMatchObject({ stream: { early: 0.444, text: "whole" } });
    const held = readAt([[120, token(1, "four") + token(1, " more") + result("four more")]]);
    expect(held.outcome).toMatchObject({ stream: { tokens: 2, gapMs: 0, early: 0, text: "whole" } });
  });

  test("forgets the text of an answer that begins anew, and the wait before it is no gap", () => {
    const read = readAt([
      [100, token(1, "half")],
      [110, event("restart", { step: 1 })],
      [900, token(1, "whole")],
      [920, result("whole")],
    ]);
    expect(read).toMatchObject({ firsts: [[100, 1]], gaps: [] });
    expect(read.outcome).toMatchObject({ stream: { tokens: 2, gapMs: 0, text: "whole" } });
  });

  test.each([
    ["its end, where the client came in late", token(2, "so."), "end"],
    ["another text", token(2, "It is not so."), "differs"],
    ["a text that stops too early", token(2, "It is"), "differs"],
    ["none", "", "none"],
    ["none of the last step", token(1, "I look.") + event("restart", { step: 1 }), "none"],
  ])("says whether the text is the output: %s", (_, tokens, text) => {
    expect(readAt([[1, tokens + result("It is so.")]]).outcome).toMatchObject({ kind: "ok", stream: { text } });
  });

  test("may end as failed, or as something that nobody knows", () => {
    const failed = event("result", { failed: { code: "model_refused", message: "" } });
    expect(readAt([[1, token(1, "well") + failed]]).outcome).toEqual({ kind: "failed", code: "model_refused" });
    const broken = token(1, "well") + event("error", { error: "a bug" });
    expect(readAt([[1, broken]]).outcome).toEqual({ kind: "info", why: "answered without $.output" });
  });
});

test("a foreign stream, whose pieces are the answer, is stamped the same way", () => {
  const mapping: Mapping = { request: "POST /chat", body: {}, answer: { text: "$.delta", sse: "data" } };
  const read = readAt(
    [
      [50, 'data: {"type":"start"}\n\n'],
      [100, 'data: {"delta":"It "}\n\n'],
      [140, 'data: {"delta":"is so."}\n\n'],
      [150, "data: [DONE]\n\n"],
    ],
    mapping,
  );
  expect(read).toMatchObject({ firsts: [[100, undefined]], gaps: [40] });
  const stream = { tokens: 2, gapMs: 40, early: 1, text: "whole" };
  expect(read.outcome).toEqual({ kind: "ok", output: "It is so.", stream });
});
