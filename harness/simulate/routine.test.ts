import { expect, test } from "vitest";
import { SimulatedProcess } from "./process.ts";
import { all, type Ended, type Routine, run, until } from "./routine.ts";
import { SimulatedTime } from "./time.ts";

function begin(): { time: SimulatedTime; process: SimulatedProcess } {
  const time = new SimulatedTime();
  return { time, process: new SimulatedProcess({ process: "server", replica: 0, i: 1, pid: 1 }, time, () => 0.5) };
}

function* working(process: SimulatedProcess, ms: number, log: string[]): Routine<number> {
  yield* process.sleep(ms);
  log.push(`${ms} at ${process.time.clock()}`);
  return ms;
}

test("a routine waits, and side by side the longest wait counts", () => {
  const { time, process } = begin();
  const log: string[] = [];
  const ends: Ended<number[]>[] = [];
  run(process, all(process, [working(process, 30, log), working(process, 10, log)]), (how) => ends.push(how));
  time.run(() => false, 1_000);
  expect(log).toEqual(["10 at 10", "30 at 30"]);
  expect(ends).toEqual([{ value: [30, 10] }]);
});

test("a dead process takes no further step, a frozen one takes its steps when it is thawed", () => {
  const { time, process } = begin();
  const log: string[] = [];
  const ignore = (): void => undefined;
  run(process, working(process, 10, log), ignore);
  process.freeze();
  time.after(50, () => process.thaw());
  run(process, working(process, 80, log), ignore);
  time.after(70, () => process.die());
  time.run(() => false, 1_000);
  expect(log).toEqual(["10 at 50"]);
});

test("what one of several throws comes out when all have ended", () => {
  const { time, process } = begin();
  function* failing(): Routine<number> {
    yield* until<void>((done) => time.after(5, done));
    throw new Error("broken");
  }
  const ends: Ended<number[]>[] = [];
  run(process, all(process, [failing(), working(process, 20, [])]), (how) => ends.push(how));
  time.run(() => false, 1_000);
  expect(ends).toEqual([{ error: new Error("broken") }]);
  expect(time.clock()).toBe(20);
});

test("a connection delivers in order what was sent before its end, and then the end", () => {
  const { time, process } = begin();
  const log: string[] = [];
  const line = process.connect();
  line.onClosed("server", () => log.push("closed"));
  line.send("server", () => log.push("request"));
  process.die();
  line.send("server", () => log.push("too late"));
  time.run(() => false, 1_000);
  expect(log).toEqual(["request", "closed"]);
});

test("a trial that never ends is an error, not a hang", () => {
  const { time } = begin();
  const again = (): void => {
    time.after(10, again);
  };
  again();
  expect(() => time.run(() => false, 1_000)).toThrow("not over after 1000 ms");
});
