/**
 * Looking into a runtime from inside, where its language allows that without touching its code: how to ask for it, and how to read
 * what was written. Languages that are not listed are measured from outside alone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TrialEvent } from "../history.ts";

type GcEvent = Extract<TrialEvent, { e: "gc" }>;

/** Environment that makes a process of this language write to files that begin with `prefix`. */
type Observation = (prefix: string) => Readonly<Record<string, string>>;

const onNode: Observation = (prefix) => ({
  NODE_OPTIONS: `--import=${new URL("./node-observer.mjs", import.meta.url).href}`,
  DERBY_OBSERVE: prefix,
});

/** Languages as runner.json writes them, in lower case. */
const OBSERVATIONS: Readonly<Record<string, Observation>> = { javascript: onNode, typescript: onNode };

/** Whether garbage collections of this language can be seen at all. */
export function observesGc(language: string): boolean {
  return language.toLowerCase() in OBSERVATIONS;
}

const prefixOf = (process: string, incarnation: number): string => `observe-${process}-${incarnation}`;
const FILE = /^observe-.+-(\d+)\.\d+\.\d+$/;

/**
 * The environment for observing one start of a process; empty where the language offers nothing. Fits `RuntimeSettings.observing`.
 * @param folder where observed processes write; exists, and is empty
 */
export function observing(
  language: string,
  folder: string,
): (process: string, incarnation: number) => Readonly<Record<string, string>> {
  const observation = OBSERVATIONS[language.toLowerCase()];
  return (process, incarnation) => observation?.(join(folder, prefixOf(process, incarnation))) ?? {};
}

/** One line of an observation file; `at` is on CLOCK_MONOTONIC in milliseconds. */
interface ObservedGc {
  readonly e: "gc";
  readonly at: number;
  readonly kind: GcEvent["kind"];
  readonly ms: number;
}

const LINE = /^\{"e":"gc".*\}$/;

/**
 * All garbage collections observed in a folder, in order; each is stamped with its start.
 * @param zeroMs CLOCK_MONOTONIC milliseconds of trial time 0
 */
export function readGcEvents(folder: string, zeroMs: number): GcEvent[] {
  const events = readdirSync(folder).flatMap((name) => {
    const incarnation = FILE.exec(name)?.[1];
    if (incarnation === undefined) return [];
    // A line torn by a kill is left out.
    const lines = readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => LINE.test(line));
    return lines.map((line): GcEvent => {
      const { at, kind, ms } = JSON.parse(line) as ObservedGc;
      return { e: "gc", t: Math.round((at - zeroMs) * 1000) / 1000, kind, ms, i: Number(incarnation) };
    });
  });
  return events.sort((a, b) => a.t - b.t);
}
