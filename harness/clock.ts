/**
 * One clock for all witnesses: CLOCK_MONOTONIC in milliseconds, comparable between processes of one machine.
 * Whatever the harness sends is stamped before the write, whatever it receives after the read.
 */

/**
 * performance.now() counts from a process-local origin on the same clock as hrtime. Whoever is interrupted between the two readings
 * finds an origin too early by as much, so the latest of several is right: a single reading was off by 5 ms once.
 */
const originMs = Math.max(
  ...Array.from({ length: 8 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()),
);

/** Milliseconds of CLOCK_MONOTONIC, with microsecond resolution. The same instant reads the same in every process of this machine. */
export function monotonicMs(): number {
  return originMs + performance.now();
}

/** A source of the current time in milliseconds; tests pass a fake one. */
export type Clock = () => number;

/** A clock that reads milliseconds since `zeroMs` (trial time), rounded to microseconds so that histories stay small. */
export function trialClock(zeroMs: number): Clock {
  return () => Math.round((monotonicMs() - zeroMs) * 1000) / 1000;
}
