import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IntervalRecorder } from "../statistics/interval-recorder.ts";
import { ChunkWriter } from "./chunks.ts";
import { type Gate, PacedStream, type StreamPlan } from "./paced-stream.ts";
import { Wheel } from "./wheel.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection that takes bytes as long as it is told to. */
class FakeSocket extends EventEmitter {
  takesMore = true;
  reset = false;
  readonly writes: string[] = [];
  #corked: string[] | null = null;

  cork(): void {
    this.#corked = [];
  }
  uncork(): void {
    this.writes.push((this.#corked ?? []).join(""));
    this.#corked = null;
  }
  write(text: string): boolean {
    (this.#corked ?? this.writes).push(text);
    return this.takesMore;
  }
  resetAndDestroy(): void {
    this.reset = true;
  }
}

class FakeResponse extends EventEmitter {
  readonly chunkedEncoding = true;
  ended = false;
  socket: FakeSocket | null;

  constructor(socket: FakeSocket | null) {
    super();
    this.socket = socket;
  }
  writeHead(): void {
    this.socket?.write("HEAD ");
  }
  flushHeaders(): void {}
  end(): void {
    this.ended = true;
    this.socket?.write("END");
  }
}

/** A stream of five tokens, 10 ms apart after 100 ms, on a clock that the test moves. */
function streamOf(more: Partial<StreamPlan> = {}, socket: FakeSocket | null = new FakeSocket()) {
  let nowMs = 0;
  const clock = () => nowMs;
  const response = new FakeResponse(socket);
  const lateness = new IntervalRecorder(null, "test", clock);
  const noted: unknown[] = [];
  const chunks = new ChunkWriter({ id: "id", created: 1, model: "m", usage: false });
  const plan: StreamPlan = {
    response: response as unknown as ServerResponse,
    chunks,
    tokens: ["a", "b", "c", "d", "e"],
    arrivedMs: 0,
    firstTokenMs: 100,
    gapMs: 10,
    closing: "CLOSING",
    how: "end",
    end: "done",
    ...more,
  };
  const witness = { first: () => noted.push("first"), over: (...over: unknown[]) => noted.push(over) };
  new PacedStream(plan, { clock, wheel: new Wheel(clock), lateness }, witness).start();
  const pass = (ms: number): void => {
    nowMs += ms;
    vi.advanceTimersByTime(1);
  };
  const tokens = (text = ""): string => [...text.matchAll(/"content":"(\w+)"/g)].map(([, token]) => token).join("");
  return { pass, response, noted, lateness, tokens };
}

describe("PacedStream", () => {
  it("writes headers and the first token at once when it is due, and each other token when it is", () => {
    const socket = new FakeSocket();
    const { pass, tokens, noted } = streamOf({}, socket);
    pass(99);
    expect(socket.writes).toEqual([]);
    pass(1);
    expect(socket.writes).toHaveLength(1);
    expect(socket.writes[0]).toMatch(/^HEAD .*"role":"assistant".*"content":"a"/s);
    for (let frame = 0; frame < 4; frame++) pass(10);
    expect(socket.writes.slice(1).map(tokens)).toEqual(["b", "c", "d", "e"]);
    expect(socket.writes.at(-1)).toMatch(/CLOSING\r\nEND$/);
    expect(noted).toEqual(["first", ["done", 5, 0]]);
  });

  it("says that it is over before its last bytes leave, so that nothing built on them can be stamped earlier", () => {
    const { pass, response, noted } = streamOf();
    vi.spyOn(response, "end").mockImplementation(() => noted.push("leaves"));
    for (let ms = 0; ms <= 140; ms += 10) pass(10);
    expect(noted).toEqual(["first", ["done", 5, 0], "leaves"]);
  });

  it("is late once when the World is late once, writes what is due together at once, and catches up", () => {
    const socket = new FakeSocket();
    const { pass, tokens, lateness } = streamOf({}, socket);
    pass(100);
    pass(25);
    pass(5);
    expect(socket.writes.map(tokens)).toEqual(["a", "bc", "d"]);
    expect(lateness.quantiles()).toMatchObject({ n: 4 });
    expect(lateness.quantiles()?.max).toBeCloseTo(15, 1);
    expect(lateness.quantiles()?.p50).toBeCloseTo(0, 1);
  });

  it("waits for a client that does not read, and counts that time as blocked and not as late", () => {
    const socket = new FakeSocket();
    const { pass, tokens, lateness, noted } = streamOf({}, socket);
    pass(100);
    socket.takesMore = false;
    pass(10);
    pass(500);
    expect(socket.writes.map(tokens)).toEqual(["a", "b"]);
    socket.takesMore = true;
    socket.emit("drain");
    pass(0);
    expect(socket.writes.map(tokens)).toEqual(["a", "b", "cde"]);
    expect(lateness.quantiles()).toMatchObject({ n: 2, max: 0 });
    expect(noted.at(-1)).toEqual(["done", 5, 500]);
  });

  it("writes nothing more when the client has left, even if it had been waiting for it", () => {
    const socket = new FakeSocket();
    const { pass, response, noted } = streamOf({}, socket);
    pass(100);
    socket.takesMore = false;
    pass(10);
    response.emit("close");
    socket.emit("drain");
    pass(100);
    expect(socket.writes).toHaveLength(2);
    expect(noted).toEqual(["first", ["aborted", 2, 0]]);
  });

  it("resets the connection only after everything before is written, even if all was due at once", () => {
    const socket = new FakeSocket();
    const { pass, response, noted, tokens } = streamOf({ how: "destroy", end: "fault", closing: "" }, socket);
    pass(1000);
    expect(socket.writes.map(tokens)).toEqual(["abcde"]);
    expect([socket.reset, response.ended]).toEqual([true, false]);
    expect(noted.at(-1)).toEqual(["fault", 5, 0]);
  });

  it.each([
    [1, ["a", "b", "c", "d", "e"]],
    [5, ["a", "b", "c", "d", "e", ""]],
  ])(
    "stops at a gate after %i tokens, and goes on at its pace when it is let go, nothing being late",
    (afterTokens, writes) => {
      const socket = new FakeSocket();
      let goOn: ((heldMs: number) => void) | undefined;
      const gate: Gate = {
        afterTokens,
        hold: (go) => {
          goOn = go;
        },
      };
      const { pass, tokens, noted, lateness } = streamOf({ gate }, socket);
      pass(100);
      for (let frame = 1; frame < afterTokens; frame++) pass(10);
      expect(goOn).toBeDefined();
      pass(500);
      expect(socket.writes.map(tokens)).toEqual(writes.slice(0, afterTokens));
      goOn?.(500);
      for (let frame = afterTokens; frame < 5; frame++) pass(10);
      pass(0);
      expect(socket.writes.map(tokens)).toEqual(writes);
      expect(socket.writes.at(-1)).toMatch(/CLOSING\r\nEND$/);
      expect(lateness.quantiles()).toMatchObject({ n: 5, max: 0 });
      expect(noted).toEqual(["first", ["done", 5, 0]]);
    },
  );

  it("stops at its gate even if everything is due at once, and ends there if the client leaves", () => {
    const socket = new FakeSocket();
    let goOn: ((heldMs: number) => void) | undefined;
    const hold: Gate["hold"] = (go) => {
      goOn = go;
    };
    const { pass, tokens, noted, response } = streamOf({ gate: { afterTokens: 1, hold } }, socket);
    pass(1000);
    response.emit("close");
    goOn?.(10);
    pass(1000);
    expect(socket.writes.map(tokens)).toEqual(["a"]);
    expect(noted).toEqual(["first", ["aborted", 1, 0]]);
  });

  it("waits in line for its connection, and that is no lateness", () => {
    const { pass, response, lateness, noted } = streamOf({}, null);
    pass(300);
    response.socket = new FakeSocket();
    response.emit("socket");
    pass(0);
    expect(noted).toEqual(["first", ["done", 5, 0]]);
    expect(lateness.quantiles()).toBeNull();
  });
});
