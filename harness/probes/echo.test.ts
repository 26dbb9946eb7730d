import { expect, onTestFinished, test } from "vitest";
import { hasProc } from "../processes/process-table.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { type Answer, type EchoLine, EchoWatch, type Silence } from "./echo.ts";
import { agreementOf, makeStalls, startServer } from "./testing/observed-server.ts";

/** A process that answers as told, and the prober's own clock. */
class FakeLine implements EchoLine {
  nowMs = 0;
  answer: Answer = "none";
  listens = true;
  asked = 0;
  readonly found: Silence[] = [];
  readonly watch = new EchoWatch(
    this,
    () => this.nowMs,
    (silence) => this.found.push(silence),
  );

  ask(): boolean {
    this.asked += 1;
    return this.listens;
  }

  heard(): Answer {
    const { answer } = this;
    this.answer = "none";
    return answer;
  }

  step(nowMs: number, answer: Answer = "none"): boolean {
    this.nowMs = nowMs;
    this.answer = answer;
    return this.watch.step();
  }
}

test("a silence lasts from the first unanswered ping to the instant of the answer, however late that is read", () => {
  const line = new FakeLine();
  line.step(0);
  line.step(10, { at: 0.1 });
  line.step(20);
  line.step(30);
  line.step(500, { at: 45 });
  expect(line.found).toEqual([{ fromMs: 10, ms: 35 }]);
});

test("a prober that is late itself takes nothing for a silence", () => {
  const line = new FakeLine();
  line.step(0);
  line.step(300, { at: 0.2 });
  line.step(900, { at: 300.2 });
  expect(line.found).toEqual([]);
});

test("while a ping is unanswered no other is sent", () => {
  const line = new FakeLine();
  for (let nowMs = 0; nowMs < 100; nowMs += 10) line.step(nowMs);
  expect(line.asked).toBe(1);
  line.step(100, { at: 99 });
  expect(line.asked).toBe(2);
});

test("a process that ends in silence was silent until then, and is asked no more", () => {
  const line = new FakeLine();
  line.step(0);
  expect(line.step(50, "ended")).toBe(false);
  expect(line.found).toEqual([{ fromMs: 0, ms: 50 }]);
  const gone = new FakeLine();
  gone.listens = false;
  expect(gone.step(0)).toBe(false);
  expect(gone.found).toEqual([]);
});

test.skipIf(!hasProc)(
  "stalls that somebody else makes by SIGSTOP are found, with their start and length",
  async () => {
    const server = await startServer(scratchFolder(), null, true);
    onTestFinished(() => server.end());
    const made = await makeStalls(server, 7, 15);
    await server.observation?.stop();
    const events = server.observation?.events(0) ?? [];
    expect(events.some(({ e }) => e === "echo")).toBe(true);
    const unseen = events.flatMap((event) => (event.e === "unseen" ? [event] : []));
    const { missed, startErrorsMs } = agreementOf(made, events);
    // What fell into a stretch in which the prober was not let run it cannot have seen.
    const overlooked = missed.filter(({ fromMs, toMs }) => !unseen.some(({ t, ms }) => t < toMs && t + ms > fromMs));
    expect(overlooked).toEqual([]);
    expect(startErrorsMs.length).toBeGreaterThan(10);
    const median = startErrorsMs.toSorted((a, b) => a - b)[Math.floor(startErrorsMs.length / 2)];
    expect(Math.abs(median ?? Number.NaN)).toBeLessThan(12);
  },
  20_000,
);
