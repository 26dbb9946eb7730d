import { expect, test } from "vitest";
import { findAnswer } from "./find-answer.ts";

const SAID = "three blue words";
const stream = (...values: readonly unknown[]): string =>
  values.map((value) => `event: x\ndata: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("");

test.each([
  ["a field", JSON.stringify({ id: SAID.length, reply: SAID }), { text: "$.reply" }],
  ["a part of a list", JSON.stringify([{ parts: [{ text: "" }, { text: SAID }] }]), { text: "$[0].parts[1].text" }],
  ["a JSON text", JSON.stringify(SAID), { text: "$" }],
  ["plain text", SAID, { text: "$" }],
  [
    "pieces of a stream, beside other texts and an end mark",
    stream({ type: "start" }, { type: "d", delta: "three " }, { type: "d", delta: "blue words" }, "[DONE]"),
    { text: "$.delta", sse: "data" },
  ],
  [
    "pieces as OpenAI streams them",
    stream({ choices: [{ delta: { content: "three blue" } }] }, { choices: [{ delta: { content: " words" } }] }),
    { text: "$.choices[0].delta.content", sse: "data" },
  ],
  ["the last event of a stream", stream({ thinking: "hm" }, { output: SAID }), { text: "$.output", sse: "data" }],
])("an answer is found as %s", (_what, body, expected) => {
  expect(findAnswer(body, SAID)).toEqual(expected);
});

test.each([
  ["changed words", JSON.stringify({ reply: `${SAID}.` })],
  ["half of the pieces", stream({ delta: "three " })],
  ["a name that no path can hold", JSON.stringify({ "a.b": SAID })],
  ["nothing", ""],
])("no answer is found in %s", (_what, body) => {
  expect(findAnswer(body, SAID)).toBeUndefined();
});

test("an answer without words stands nowhere", () => {
  expect(findAnswer('{"reply":""}', "")).toBeUndefined();
});
