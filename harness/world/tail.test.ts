import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INPUT_KINDS, type Marker, markerAtStart, writeMarker } from "../identity.ts";
import { type Asked, type ChatRequest, readChatRequest } from "./tail.ts";
import { type ChatMessage, input } from "./testing/test-world.ts";

const marker = (step: number, call = 0, purchase = 1): string =>
  writeMarker({ session: "s1", turn: 2, step, call, purchase });

const call = (id: string, mark?: string) => ({
  id,
  type: "function",
  function: { name: "look_up", arguments: JSON.stringify({ q: 'a "quoted" \\ one', ...(mark && { mark }) }) },
});
const calling = (...calls: ReturnType<typeof call>[]): ChatMessage => ({
  role: "assistant",
  content: null,
  tool_calls: calls,
});
const result = (id: string, content: unknown = "fine"): ChatMessage => ({ role: "tool", tool_call_id: id, content });

const read = (body: unknown): ChatRequest => {
  const request = readChatRequest(Buffer.from(JSON.stringify(body)));
  if ("problem" in request) throw new Error(request.problem);
  return request;
};
const asked = (...messages: ChatMessage[]): Asked => read({ model: "m", messages }).asked;
const problemOf = (text: string): string | undefined => {
  const request = readChatRequest(Buffer.from(text));
  return "problem" in request ? request.problem : undefined;
};

describe("what is asked", () => {
  const [one, two] = [marker(1), marker(1, 1)];
  const history = [
    { role: "user", content: `${marker(0, 0, 0)} earlier` },
    { role: "assistant", content: "hm" },
  ];
  const results = { kind: "results", session: "s1", turn: 2, step: 1 };
  const turn = { kind: "input", session: "s1", turn: 2, proof: false };
  const off = { kind: "offscript" };

  it.each([
    ["an input that begins with a marker is the first step of its turn", [input("s1", 2)], turn],
    ["also behind a conversation", [...history, input("s1", 2)], turn],
    ["a proof turn says so", [input("s1", 2, "proof")], { ...turn, proof: true }],
    ["text may come in parts", [{ role: "user", content: [{ type: "text", text: input("s1", 2).content }] }], turn],
    [
      "system and developer messages at the end are looked past",
      [input("s1", 2), { role: "system", content: "x" }, { role: "developer", content: "y" }],
      turn,
    ],
    [
      "a marker that is merely quoted is off script",
      [{ role: "user", content: `Summarise: ${marker(0, 0, 0)} hello` }],
      off,
    ],
    ["a marker of a call at the start of an input is off script", [{ role: "user", content: `${one} hello` }], off],
    ["a conversation that ends with the assistant is off script", [...history], off],
    [
      "the complete results of marked calls are the next step",
      [input("s1", 2), calling(call(one), call(two)), result(two), result(one)],
      results,
    ],
    [
      "also with a system message between them",
      [calling(call(one), call(two)), result(one), { role: "system", content: "x" }, result(two)],
      results,
    ],
    [
      "ids of a gateway's own are no harm as long as the arguments are marked",
      [calling(call("call_1", one)), result("call_1")],
      results,
    ],
    ["results of calls without any mark are off script", [calling(call("call_1")), result("call_1")], off],
    [
      "a user message behind results is what counts",
      [calling(call(one)), result(one), { role: "user", content: "stop" }],
      off,
    ],
    ["a legacy function result is off script", [input("s1", 2), { role: "function", content: "x" }], off],
  ] satisfies [string, ChatMessage[], object][])("%s", (_, messages, expected) => {
    expect(asked(...messages)).toMatchObject(expected);
  });

  it("gives each call with its own result, whatever their order, and text of parts joined", () => {
    const parts = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    const found = asked(calling(call(one), call(two)), result(two, "second"), result(one, parts));
    expect(found.kind === "results" && found.calls.map(({ marker, result }) => [marker.call, result])).toEqual([
      [0, "ab"],
      [1, "second"],
    ]);
  });

  it("refuses an incomplete set in the words of the API, naming what is missing", () => {
    for (const messages of [
      [calling(call(one), call(two)), result(one)],
      [calling(call(one), call(two)), result("x")],
    ])
      expect(asked(...messages)).toMatchObject({ kind: "refused", message: expect.stringContaining(two) });
    expect(asked(calling(call(one)))).toMatchObject({ kind: "refused", message: expect.stringContaining(one) });
  });

  it("refuses results that answer no call", () => {
    expect(asked(input("s1", 2), result(one))).toMatchObject({ kind: "refused" });
  });
});

describe("settings of a request", () => {
  const messages = [input("s1", 1)];
  it.each([
    [
      { model: "m", messages },
      { model: "m", stream: false, includeUsage: false },
    ],
    [
      { messages, stream: true, model: "ü" },
      { model: "ü", stream: true, includeUsage: false },
    ],
    [
      { stream: true, stream_options: { include_usage: true }, messages },
      { stream: true, includeUsage: true },
    ],
    [
      { messages, stream_options: { include_usage: true }, stream: false },
      { stream: false, includeUsage: true },
    ],
    [{ tools: [{ type: "function", function: { name: "x" } }], messages, stop: [], n: 1 }, { stream: false }],
  ])("are read from both sides of the messages: %j", (body, expected) => {
    expect(read(body)).toMatchObject(expected);
  });
});

describe("bodies that are no chat request", () => {
  it.each([
    "",
    " ",
    "{",
    "hello",
    '{"messages":[{"role":"user"',
    '{"messages":[{"role":"user" "content":"x"}]}',
    "[1,2]",
    '{"messages":[}]}',
    '{"a":"\\"}',
  ])("%j cannot be parsed", (text) => {
    expect(problemOf(text)).toContain("could not parse");
  });

  it.each([
    ["{}", "Missing required parameter: 'messages'"],
    ['{"model":"m"}', "Missing required parameter: 'messages'"],
    ['{"messages":[],"model":"m"}', "empty array"],
    ['{"messages":"hello"}', "Invalid type for 'messages'"],
    ['{"messages":[1]}', "Invalid type for 'messages'"],
    ['{"messages":[{"content":"no role"}]}', "Invalid type for 'messages'"],
  ])("%s is told what is wrong", (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});

/** The same by parsing everything. */
function naive(body: { messages: ChatMessage[]; model?: unknown; stream?: unknown; stream_options?: unknown }) {
  const said = body.messages.filter(({ role }) => role !== "system" && role !== "developer");
  const firstResult = said.findLastIndex(({ role }) => role !== "tool") + 1;
  const results = said.slice(firstResult);
  const options = body.stream_options as { include_usage?: unknown } | null | undefined;
  const settings = { stream: body.stream === true, includeUsage: options?.include_usage === true };
  const last = said[firstResult - 1];
  const ids = last?.role === "assistant" ? (last.tool_calls ?? []).map(({ id }) => id) : [];
  const answered = new Set(results.map(({ tool_call_id: id }) => id));
  const markers = ids.map(markerAtStart).filter((found): found is Marker => found !== undefined && found.step > 0);
  const seen = (kind: string, of?: Marker) => ({ ...settings, kind, ...(of && { turn: of.turn, step: of.step }) });
  if (results.length > 0 && (ids.length === 0 || ids.some((id) => !answered.has(id)))) return seen("refused");
  if (results.length > 0) return markers[0] === undefined ? seen("offscript") : seen("results", markers[0]);
  if (ids.length > 0) return seen("refused");
  const text = Array.isArray(last?.content) ? last.content.map((part) => part.text).join("") : String(last?.content);
  const found = last?.role === "user" ? markerAtStart(text) : undefined;
  if (found === undefined || found.step !== 0) return seen("offscript");
  return { ...settings, kind: "input", turn: found.turn, step: 0 };
}

describe("against a version that parses everything", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\\", '\\"', "}]", '{"role":"user"}', "\\\\", '","', "\u2028", "😀", marker(1)),
    fc
      .array(fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", " ", "ä"), { maxLength: 12 })
      .map((all) => all.join("")),
  );
  const text = fc.oneof(
    nasty,
    nasty.map(
      (more) => `${writeMarker({ session: "s1", turn: 2, step: 0, call: INPUT_KINDS.ordinary, purchase: 0 })} ${more}`,
    ),
  );
  const content = fc.oneof(
    text,
    fc.array(
      text.map((part) => ({ type: "text", text: part })),
      { minLength: 1, maxLength: 3 },
    ),
  );
  const id = fc.constantFrom(marker(1), marker(1, 1), marker(2), "call_x", 'call_"\\');
  const message: fc.Arbitrary<ChatMessage> = fc.oneof(
    fc.record({ role: fc.constantFrom("user", "user", "assistant", "system", "developer"), content }),
    fc.record({ role: fc.constant("tool"), tool_call_id: id, content }),
    fc.uniqueArray(id, { minLength: 1, maxLength: 3 }).map((ids) => calling(...ids.map((one) => call(one)))),
  );
  // Lists at the root other than messages hold no objects with a role, as in every request that the API allows.
  const other = fc.dictionary(
    fc
      .string({ unit: "binary" })
      .filter((key) => !["messages", "model", "stream", "stream_options", "__proto__"].includes(key)),
    fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"role"')),
    { maxKeys: 4 },
  );
  const known = fc.record(
    {
      model: fc.string(),
      stream: fc.boolean(),
      stream_options: fc.oneof(fc.constant(null), fc.record({ include_usage: fc.boolean() })),
    },
    { requiredKeys: [] },
  );

  it("reads the same from any order of keys, any white space and any text", () => {
    const messages = fc.array(message, { minLength: 1, maxLength: 6 });
    const order = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(
        messages,
        other,
        known,
        order,
        fc.constantFrom(undefined, 1, "\t"),
        (list, more, settings, keys, space) => {
          const entries = Object.entries({ ...more, ...settings, messages: list });
          const sorted = entries.map((entry, index) => ({ entry, at: keys[index % keys.length] ?? 0 }));
          const body = Object.fromEntries(sorted.sort((a, b) => a.at - b.at).map(({ entry }) => entry));
          const spoken = list.some(({ role }) => role !== "system" && role !== "developer");
          fc.pre(spoken);
          const { asked: found, stream, includeUsage } = readText(JSON.stringify(body, null, space));
          const step = found.kind === "input" ? { turn: found.turn, step: 0 } : {};
          const after = found.kind === "results" ? { turn: found.turn, step: found.step } : {};
          expect({ stream, includeUsage, kind: found.kind, ...step, ...after }).toEqual(
            naive({ ...settings, messages: list }),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

function readText(text: string): ChatRequest {
  const request = readChatRequest(Buffer.from(` ${text}\n`));
  if ("problem" in request) throw new Error(`${request.problem} ${text}`);
  return request;
}
