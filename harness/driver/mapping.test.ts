import { describe, expect, test } from "vitest";
import { fingerprint } from "../identity.ts";
import type { Mapping } from "../runner.ts";
import {
  CONTRACT_MAPPING,
  outcomeOf,
  readRequest,
  resolveMapping,
  retryAfterMs,
  turnRequest,
  turnsRead,
} from "./mapping.ts";

const TURN = { session: "s1", turn: "2", input: 'say "{turn}" & $& {x}' };

const CHAT: Mapping = {
  request: "POST /api/chat",
  headers: { Authorization: "Bearer {env.CHAT_TOKEN}" },
  body: { id: "{session}", message: "{input}", options: { tags: ["t{turn}", 5, null, true] } },
  answer: { text: "$.delta", failed: "$.error", sse: "data" },
  refused: [409, 429, 503],
  key: { header: "Idempotency-Key", value: "{session}.{turn}" },
  read: null,
};

describe("the request of a turn", () => {
  test("the contract puts the input at the address of the turn", () => {
    expect(turnRequest(CONTRACT_MAPPING, TURN)).toEqual({
      method: "PUT",
      path: "/sessions/s1/turns/2",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ input: TURN.input }),
    });
  });

  test("a foreign backend gets its own body, key and secret, and is asked for a stream", () => {
    expect(turnRequest(resolveMapping(CHAT, { CHAT_TOKEN: "t0p" }), TURN)).toEqual({
      method: "POST",
      path: "/api/chat",
      headers: {
        accept: "text/event-stream",
        "content-type": "application/json",
        authorization: "Bearer t0p",
        "idempotency-key": "s1.2",
      },
      body: JSON.stringify({ id: "s1", message: TURN.input, options: { tags: ["t2", 5, null, true] } }),
    });
  });

  test("headers of the mapping replace the usual ones, whatever their case", () => {
    const mapping = { ...CONTRACT_MAPPING, headers: { "Content-Type": "application/x-turn" } };
    expect(turnRequest(mapping, TURN).headers["content-type"]).toBe("application/x-turn");
  });

  test("what goes into a path is escaped", () => {
    expect(turnRequest(CONTRACT_MAPPING, { ...TURN, session: "a/b?" }).path).toBe("/sessions/a%2Fb%3F/turns/2");
  });

  test("a mapping without a body sends none", () => {
    const request = turnRequest({ ...CONTRACT_MAPPING, body: undefined }, TURN);
    expect(request.body).toBeNull();
    expect(request.headers["content-type"]).toBeUndefined();
  });

  test("a read asks for the session; without a read request there is none", () => {
    expect(readRequest(CONTRACT_MAPPING, "s1")).toMatchObject({ method: "GET", path: "/sessions/s1", body: null });
    expect(readRequest(CHAT, "s1")).toBeNull();
  });

  test("all that is wrong with a mapping is said at once", () => {
    const wrong = { ...CHAT, request: "api/chat", answer: { text: "delta" } };
    expect(() => resolveMapping(wrong, {})).toThrow(/CHAT_TOKEN[\s\S]*"delta"[\s\S]*"api\/chat"/);
  });
});

describe("the outcome of an attempt under the contract", () => {
  test.each([
    ["a whole 200 with an output is ok", 200, { output: "hi" }, undefined, { kind: "ok", output: "hi" }],
    ["an empty output is an output", 200, { output: "" }, undefined, { kind: "ok", output: "" }],
    ["a 201 counts like a 200", 201, { output: "hi" }, undefined, { kind: "ok", output: "hi" }],
    [
      "a 200 that failed ends the turn",
      200,
      { failed: { code: "context_overflow" } },
      undefined,
      { kind: "failed", code: "context_overflow" },
    ],
    ["failed: null is no failure", 200, { failed: null, output: "hi" }, undefined, { kind: "ok", output: "hi" }],
    ["a failure without a code is still one", 200, { failed: {} }, undefined, { kind: "failed", code: "unstated" }],
    [
      "a 200 without an output says nothing",
      200,
      { result: 1 },
      undefined,
      { kind: "info", why: "answered without $.output" },
    ],
    [
      "an output that is no text says nothing",
      200,
      { output: 5 },
      undefined,
      { kind: "info", why: "answered without $.output" },
    ],
    ["409 is certainly not accepted", 409, {}, undefined, { kind: "fail", why: "status 409" }],
    [
      "503 with Retry-After is certainly not accepted",
      503,
      {},
      2000,
      { kind: "fail", why: "status 503", retryAfterMs: 2000 },
    ],
    ["503 without Retry-After says nothing", 503, {}, undefined, { kind: "info", why: "status 503" }],
    ["429 is not in the list", 429, {}, 1000, { kind: "info", why: "status 429", retryAfterMs: 1000 }],
    ["500 says nothing", 500, {}, undefined, { kind: "info", why: "status 500" }],
    ["202 says nothing", 202, { output: "hi" }, undefined, { kind: "info", why: "status 202" }],
  ])("%s", (_, status, body, wait, expected) => {
    const response = { status, body: JSON.stringify(body), ...(wait === undefined ? {} : { retryAfterMs: wait }) };
    expect(outcomeOf(CONTRACT_MAPPING, response)).toEqual(expected);
  });

  test("a body that is no JSON says nothing", () => {
    expect(outcomeOf(CONTRACT_MAPPING, { status: 200, body: '{"output":"cu' })).toMatchObject({ kind: "info" });
  });
});

describe("the outcome of an attempt on a stream", () => {
  test.each([
    [
      "pieces are joined",
      'data: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\ndata: [DONE]\n\n',
      { kind: "ok", output: "Hello" },
    ],
    [
      "events without the path are no pieces",
      'data: {"tool":"x"}\n\ndata: {"delta":"a"}\n\n',
      { kind: "ok", output: "a" },
    ],
    ["keep-alives are no pieces", 'data: ping\n\ndata: {"delta":"a"}\n\n', { kind: "ok", output: "a" }],
    [
      "an error event ends the turn",
      'data: {"delta":"a"}\n\ndata: {"error":"overflow"}\n\n',
      { kind: "failed", code: "overflow" },
    ],
    ["no piece at all says nothing", "data: [DONE]\n\n", { kind: "info", why: "answered without $.delta" }],
  ])("%s", (_, body, expected) => {
    expect(outcomeOf(CHAT, { status: 200, body })).toEqual(expected);
  });

  test("the path $ takes plain text, streamed or not", () => {
    const plain: Mapping = { ...CHAT, answer: { text: "$" } };
    expect(outcomeOf(plain, { status: 200, body: "Hello 42" })).toEqual({ kind: "ok", output: "Hello 42" });
    const streamed: Mapping = { ...CHAT, answer: { text: "$", sse: "data" } };
    expect(outcomeOf(streamed, { status: 200, body: 'data: 4\n\ndata: "2"\n\n' })).toEqual({
      kind: "ok",
      output: "42",
    });
  });

  test("the mapping's own list of refusals counts", () => {
    expect(outcomeOf(CHAT, { status: 429, body: "" })).toEqual({ kind: "fail", why: "status 429" });
  });
});

describe("a read", () => {
  const turns = [
    { turn: "1", input: "a", output: "b" },
    { turn: "2", input: "c", failed: { code: "too_many_steps" } },
  ];

  test("gives fingerprints in the order of the answer, and codes of failed turns", () => {
    expect(turnsRead(CONTRACT_MAPPING, JSON.stringify({ turns }))).toEqual([
      ["1", fingerprint("a"), fingerprint("b")],
      ["2", fingerprint("c"), "!too_many_steps"],
    ]);
  });

  test.each([
    ["no list", {}],
    ["an unfinished turn", { turns: [{ turn: "1", input: "a" }] }],
    ["a turn without its input", { turns: [{ turn: "1", output: "b" }] }],
  ])("of %s shows nothing", (_, body) => {
    expect(turnsRead(CONTRACT_MAPPING, JSON.stringify(body))).toBeUndefined();
  });
});

describe("Retry-After", () => {
  const now = Date.parse("Wed, 21 Oct 2015 07:28:00 GMT");
  test.each([
    ["seconds", "3", 3000],
    ["zero", "0", 0],
    ["a date", "Wed, 21 Oct 2015 07:28:05 GMT", 5000],
    ["a date in the past", "Wed, 21 Oct 2015 07:27:00 GMT", 0],
    ["nothing", undefined, undefined],
    ["nonsense", "soon", undefined],
    ["a negative number", "-5", undefined],
  ])("as %s", (_, header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
