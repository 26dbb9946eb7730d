/**
 * Looking into a runtime from inside: how to ask for it, and how to read what was written. Node is looked into by a module that we
 * preload; runners in other languages may bring an observer of their own. What one writes stands in `runners/CONTRACT.md`. Who
 * writes nothing is measured from outside alone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { monotonicMs } from "../clock.ts";
import type { ObservedEvent } from "../observation.ts";
import type { Heartbeats } from "./heartbeats.ts";

/** Environment that loads an observer into a process of this language, beside DERBY_OBSERVE. */
type Preload = Readonly<Record<string, string>>;

const OBSERVER = new URL("./node-observer.mjs", import.meta.url);
/** Node and Bun each look at a variable of their own. Deno takes its preloads from the command line only, and stays unobserved. */
const onNode: Preload = {
  NODE_OPTIONS: `--import=${OBSERVER.href}`,
  BUN_OPTIONS: `--preload=${fileURLToPath(OBSERVER)}`,
};

/** Languages as runner.json writes them, in lower case. A runner in any other brings its own observer, or none. */
const PRELOADS: Readonly<Record<string, Preload>> = { javascript: onNode, typescript: onNode };

/** What observers inside write. */
type InsideEvent = Extract<ObservedEvent, { readonly e: "gc" | "stall" | "heap" }>;

const prefixOf = (process: string, incarnation: number): string => `observe-${process}-${incarnation}`;
const INSIDE = /^observe-.+-(\d+)\.\d+\.(\d+)$/;

/**
 * The environment for observing one start of a process. Fits `RuntimeSettings.observing`. Each call puts the pipe of that start's
 * heartbeat in place.
 * @param folder where observed processes write; exists
 */
export function observing(
  language: string,
  folder: string,
  heartbeats: Pick<Heartbeats, "place">,
): (process: string, incarnation: number) => Readonly<Record<string, string>> {
  const preload: Preload = PRELOADS[language.toLowerCase()] ?? {};
  return (process, incarnation) => {
    const prefix = join(folder, prefixOf(process, incarnation));
    heartbeats.place(`${prefix}.beat`, process, incarnation);
    // For engines whose fine clock counts from their own start: what turns the wall clock into CLOCK_MONOTONIC.
    const clock = preload === onNode ? { DERBY_OBSERVE_CLOCK: String(monotonicMs() - Date.now()) } : {};
    return { ...preload, ...clock, DERBY_OBSERVE: prefix };
  };
}

/** Kinds of lines, and what a line of each kind must have beside its instant. */
const LINES: Readonly<Record<InsideEvent["e"], readonly string[]>> = {
  gc: ["kind", "ms"],
  stall: ["ms"],
  heap: ["usedBytes"],
};
const GC_KINDS: readonly unknown[] = ["major", "minor", "incremental", "weak", "local"];

const isFigure = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);

/** One line as an event in trial time; null when it is torn by a kill, or none that we know. */
function eventOf(line: string, zeroMs: number, isolate: { i: number; w?: number }): InsideEvent | null {
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const { e, at, ...rest } = value ?? {};
  if (typeof e !== "string" || typeof at !== "number" || !Object.hasOwn(LINES, e)) return null;
  const isWhole = LINES[e as InsideEvent["e"]].every((key) =>
    key === "kind" ? GC_KINDS.includes(rest[key]) : isFigure(rest[key]),
  );
  if (!isWhole) return null;
  // Last, so that a line cannot say of itself when it was and whose it is.
  return { ...rest, e, t: Math.round((at - zeroMs) * 1000) / 1000, ...isolate } as InsideEvent;
}

/**
 * Everything that was observed from inside into a folder, in no order. Spans are stamped with their start.
 * @param zeroMs CLOCK_MONOTONIC milliseconds of trial time 0
 */
export function readObservations(folder: string, zeroMs: number): InsideEvent[] {
  return readdirSync(folder).flatMap((name) => {
    const [, incarnation, thread] = INSIDE.exec(name) ?? [];
    if (incarnation === undefined) return [];
    const isolate = { i: Number(incarnation), ...(thread !== "0" && { w: Number(thread) }) };
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    return lines.flatMap((line) => (line === "" ? [] : (eventOf(line, zeroMs, isolate) ?? [])));
  });
}
