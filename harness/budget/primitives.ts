/** What `bench:primitives` measured on one machine: the cost of each part of a turn, alone. Data, written as primitives.json. */
import type { MachineFigures } from "../machine-figures.ts";
import type { CostlyTool, Part } from "./parts.ts";

/** One line of the bench's table. */
export interface Primitive {
  readonly what: string;
  readonly value: number;
  /** "ms of CPU", "µs of CPU", "ms". */
  readonly unit: string;
}

/** A trial held against the sum of its parts, in one session with the measuring of the parts. */
export interface BudgetCheck {
  readonly scenario: string;
  readonly runner: string;
  /** Whether parts and terms had been chosen by looking at this scenario. */
  readonly chosenBy: boolean;
  /** A trial that others disturbed says nothing of the sum. */
  readonly valid: boolean;
  /** How much dearer the same streamed answer was around the trial than while the parts were measured; the prediction is told for it. */
  readonly slowness: number;
  /** CPU per turn. */
  readonly predictedMs: number;
  readonly measuredMs: number;
}

/** The runners are those whose turns are made of these parts. */
export interface Primitives extends MachineFigures {
  readonly format: "agent-derby-primitives/2";
  /** Day of the measurement, YYYY-MM-DD. */
  readonly recorded: string;
  readonly node: string;
  /** How old the measured processes were, since code that is compiled as it runs becomes cheaper. */
  readonly warmUpMs: number;
  readonly lengthMs: number;
  /** CPU of one of each part, in milliseconds. */
  readonly partMs: Readonly<Record<Part, number>>;
  /** CPU of a unit of each local tool, in milliseconds. */
  readonly toolMs: Readonly<Record<CostlyTool, number>>;
  /** CPU of a streamed answer while the parts were measured, in milliseconds: how fast the machine was then. */
  readonly yardstickMs: number;
  /** Loopback and disk, by the clock: median milliseconds. */
  readonly roundTripMs: number;
  readonly commitMs: number;
  readonly table: readonly Primitive[];
  readonly checks?: readonly BudgetCheck[];
}

/** How far the sum of the parts may be from what was measured, of the latter, to be called a prediction. */
export const WITHIN = 0.2;
