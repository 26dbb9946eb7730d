/**
 * What was observed of a runtime while it ran, as events of the trial's history: by the kernel, from inside where its language offers
 * that, and by its heartbeat. Spans (`ms`) are stamped with their start.
 */
import type { Phase } from "./history.ts";

/** What the kernel counted for a tree of processes, since each began. Waits and switches are those of each process's first thread. */
export interface ProcessLoad {
  /** Milliseconds spent ready to run without being let run. */
  readonly waitMs: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  /** Bytes that came from and went to storage; null where the kernel does not say. */
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
}

/** CPU (milliseconds, user and system, cumulative) and resident memory of the runtime's processes, and of its database apart. */
export interface SampleEvent {
  readonly e: "sample";
  readonly t: number;
  readonly appCpuMs: number;
  readonly appRssBytes: number;
  readonly storeCpuMs: number;
  readonly storeRssBytes: number;
  /** Absent in recordings that were made before these figures were taken. */
  readonly app?: ProcessLoad;
  readonly store?: ProcessLoad;
}

/** `local` stops a single session (a process of the BEAM), every other kind whoever runs the sessions. */
export type GcKind = "major" | "minor" | "incremental" | "weak" | "local";

/** Which isolate an event from inside is about: its incarnation, and the worker thread if it is not the main one. */
interface Isolate {
  readonly i: number;
  readonly w?: number;
}

/** What observers inside write, and what the missing of their heartbeat tells. */
export type ObservedEvent =
  /** A garbage collection that the runtime's own observation module reported. */
  | (Isolate & {
      readonly e: "gc";
      readonly t: number;
      readonly kind: GcKind;
      readonly ms: number;
    })
  /** An iteration of an event loop that ran for 20 ms or longer, by the observation module. */
  | (Isolate & {
      readonly e: "stall";
      readonly t: number;
      readonly ms: number;
    })
  /** Once a second of each isolate; `busy` is the share of the second in which its loop did not wait for events. */
  | (Isolate & {
      readonly e: "heap";
      readonly t: number;
      readonly usedBytes: number;
      readonly totalBytes?: number;
      readonly limitBytes?: number;
      readonly externalBytes?: number;
      readonly busy?: number;
      /** How many were waiting to be run at that instant. */
      readonly runnable?: number;
      /** Longest wait to be run in that second, milliseconds. */
      readonly delayMs?: number;
    })
  /** From here on a process was followed by its heartbeat, until it ended. */
  | { readonly e: "watched"; readonly t: number; readonly process: string; readonly i: number }
  /** The process's heartbeat stood still, from the first beat that did not come; the silence began up to 10 ms earlier. */
  | { readonly e: "silence"; readonly t: number; readonly ms: number; readonly process: string; readonly i: number };

/**
 * Why a runtime may have kept a turn waiting, the most telling first: where several hold at one instant, the first counts.
 * down: a process was down, or had not taken the turn up again. major-gc, minor-gc, other-gc: a collection of 10 ms or longer.
 * core: the kernel kept it waiting for its core. stall: an iteration of its event loop ran for 20 ms or longer. silence: its
 * heartbeat stood still, and nothing above explains it. busy: its loop was all but saturated in that second.
 */
export const CAUSES = ["down", "major-gc", "minor-gc", "other-gc", "core", "stall", "silence", "busy"] as const;
export type Cause = (typeof CAUSES)[number];

/** Late turns of one cohort in one phase, and what they waited for. */
export interface Attribution {
  readonly cohort: string;
  readonly phase: Phase;
  /** Overhead from which on a turn is late: calm median of the cohort + 50 ms. */
  readonly lateFromMs: number;
  /** Answered turns, and how many of them were late. */
  readonly turns: number;
  readonly late: number;
  /** Late turns by cause, in the order of `CAUSES`; those without any are `late` minus their sum. */
  readonly causes: readonly { readonly cause: Cause; readonly turns: number }[];
  /** Share of late turns with a named cause, 0 to 1; null without late turns. */
  readonly namedShare: number | null;
}

/** What of a runtime could be seen. Without it "no named cause" means that nobody looked. */
export interface ObservationSummary {
  /** Collections, stalls and heap from inside. */
  readonly inside: boolean;
  /** Starts of processes that were followed by their heartbeat. */
  readonly watched: number;
  readonly silences: number;
  readonly stalls: number;
  /** Samples per second from /proc. */
  readonly samplesPerSecond: number | null;
}

/** Collections of one kind in one phase. */
export interface GcByPhase {
  readonly phase: Phase;
  readonly kind: GcKind;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

/** Spans for the timeline, in order of time: collections of 10 ms or longer, stalls, silences. */
export interface TimelineSpans {
  readonly shown: readonly {
    readonly kind: "major-gc" | "minor-gc" | "other-gc" | "stall" | "silence";
    readonly fromS: number;
    readonly ms: number;
  }[];
  /** Shorter ones that were left out to keep the list small. */
  readonly leftOut: number;
}
