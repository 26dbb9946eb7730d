/**
 * Looking into a runtime from inside, where its language allows that without touching its code: how to ask for it, and how to read
 * what was written. Another language takes one file beside `node-observer.mjs` and a line in the map below; what the file has to
 * do stands in `runners/CONTRACT.md`. Languages that are not listed are measured from outside alone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ObservedEvent } from "../observation.ts";
import { PipeStock } from "./echo.ts";

/** Environment that makes a process of this language write to files that begin with `prefix`. */
type Observation = (prefix: string) => Readonly<Record<string, string>>;

const onNode: Observation = (prefix) => ({
  NODE_OPTIONS: `--import=${new URL("./node-observer.mjs", import.meta.url).href}`,
  DERBY_OBSERVE: prefix,
});

/** Languages as runner.json writes them, in lower case. */
const OBSERVATIONS: Readonly<Record<string, Observation>> = { javascript: onNode, typescript: onNode };

/** Whether this language can be looked into at all. */
export function observesInside(language: string): boolean {
  return language.toLowerCase() in OBSERVATIONS;
}

const prefixOf = (process: string, incarnation: number): string => `observe-${process}-${incarnation}`;
const INSIDE = /^observe-.+-(\d+)\.\d+\.(\d+)$/;
const PING = /^observe-(.+)-(\d+)\.ping$/;
const OUTSIDE = "echo.ndjson";

/** Whose ping pipe a file is; null when it is none. */
export function echoName(file: string): { readonly process: string; readonly i: number } | null {
  const [, process, incarnation] = PING.exec(basename(file)) ?? [];
  return process === undefined ? null : { process, i: Number(incarnation) };
}

/**
 * The environment for observing one start of a process; empty where the language offers nothing. Fits `RuntimeSettings.observing`.
 * Each call puts the pipes of the echo in place for that start.
 * @param folder where observed processes write; exists, and is empty
 */
export function observing(
  language: string,
  folder: string,
): (process: string, incarnation: number) => Readonly<Record<string, string>> {
  const observation = OBSERVATIONS[language.toLowerCase()];
  if (observation === undefined) return () => ({});
  const pipes = new PipeStock(folder);
  return (process, incarnation) => {
    const prefix = join(folder, prefixOf(process, incarnation));
    pipes.place(prefix);
    return observation(prefix);
  };
}

/** Kinds of lines, and what a line of each kind must have beside its instant. */
const LINES: Readonly<Record<ObservedEvent["e"], readonly string[]>> = {
  gc: ["kind", "ms"],
  stall: ["ms"],
  heap: ["usedBytes"],
  echo: ["process", "i"],
  silence: ["ms", "process", "i"],
  unseen: ["ms"],
};
const INSIDE_KINDS: readonly string[] = ["gc", "stall", "heap"];

/** One line as an event in trial time; null when it is torn by a kill, or none that we know. */
function eventOf(line: string, zeroMs: number, inside: { i: number; w?: number } | null): ObservedEvent | null {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const { e, at, ...rest } = value;
  if (typeof e !== "string" || typeof at !== "number" || !(e in LINES)) return null;
  if (INSIDE_KINDS.includes(e) !== (inside !== null)) return null;
  if (LINES[e as ObservedEvent["e"]].some((key) => !(key in rest))) return null;
  return { e, t: Math.round((at - zeroMs) * 1000) / 1000, ...rest, ...inside } as ObservedEvent;
}

/**
 * Everything that was observed into a folder, in order of time. Spans are stamped with their start.
 * @param zeroMs CLOCK_MONOTONIC milliseconds of trial time 0
 */
export function readObservations(folder: string, zeroMs: number): ObservedEvent[] {
  const events = readdirSync(folder).flatMap((name) => {
    const [, incarnation, thread] = INSIDE.exec(name) ?? [];
    if (incarnation === undefined && name !== OUTSIDE) return [];
    const isWorker = thread !== undefined && thread !== "0";
    const inside =
      incarnation === undefined ? null : { i: Number(incarnation), ...(isWorker && { w: Number(thread) }) };
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    return lines.flatMap((line) => (line === "" ? [] : (eventOf(line, zeroMs, inside) ?? [])));
  });
  return events.sort((a, b) => a.t - b.t);
}
