/**
 * Policy of a gate: what a candidate must keep, as data. A policy file is JSON of this shape; what it leaves out is not asked.
 */
import { UsageError } from "../errors.ts";
import { type Problems, Shape } from "../shape.ts";
import { OBJECTIVE_FIGURES, RELATIVE_FIGURES } from "./figures.ts";
import { INVARIANTS } from "./invariants.ts";

/** A figure may not pass a limit. */
export interface Objective {
  readonly figure: string;
  /** "calm" or "fault"; left out for figures that have no phase, and then both are held to it where there are two. */
  readonly phase?: "calm" | "fault";
  /** Only this scenario; default all that give the figure. */
  readonly scenario?: string;
  /** In the unit of the figure: milliseconds, or KB for memory. */
  readonly most: number;
}

/** A figure may not be worse than the baseline's by more than a share of it. */
export interface RelativeLimit {
  readonly figure: string;
  readonly phase?: "calm" | "fault";
  readonly scenario?: string;
  /** The smallest effect that matters, above 0 to 10: 0.1 for 10 %. */
  readonly worseBy: number;
}

export interface GatePolicy {
  readonly format: "agent-derby-gate/1";
  /** Default true: no promise is broken, and with a baseline none is weaker or no longer made. */
  readonly promises?: boolean;
  /** The most of each that may happen over all valid trials. */
  readonly invariants?: Readonly<Record<string, number>>;
  readonly objectives?: readonly Objective[];
  readonly relative?: readonly RelativeLimit[];
}

/** What is asked where no policy file is given. */
export const DEFAULT_POLICY: GatePolicy = {
  format: "agent-derby-gate/1",
  promises: true,
  invariants: {
    "acknowledged turns lost": 0,
    "acknowledged turns forgotten": 0,
    "keyed effects doubled": 0,
    "sessions stuck": 0,
  },
  objectives: [
    { figure: "recovery p99", most: 5_000 },
    { figure: "overhead p99", phase: "calm", most: 50 },
  ],
  relative: [{ figure: "overhead p99", phase: "calm", worseBy: 0.1 }],
};

/** What is asked of a campaign of pairs where no policy file is given: its limits stand in the campaign, and it need not have faults. */
export const PAIRS_POLICY: GatePolicy = {
  format: "agent-derby-gate/1",
  promises: true,
  invariants: DEFAULT_POLICY.invariants ?? {},
};

const PHASES = ["calm", "fault"] as const;
const HUGE = 1e12;

function checkLimit(shape: Shape, figures: readonly string[], limit: "most" | "worseBy"): void {
  shape.keys(["figure", "phase", "scenario", limit]);
  shape.oneOf("figure", figures);
  shape.oneOf("phase", PHASES, "optional");
  shape.text("scenario", "optional");
  shape.number(limit, limit === "most" ? 0 : 0.001, limit === "most" ? HUGE : 10);
}

/** @param content of the file, parsed @param name how the file is called in errors @throws UsageError naming every problem */
export function checkPolicy(content: unknown, name: string): GatePolicy {
  const problems: Problems = [];
  const shape = Shape.of(content, problems, "");
  if (shape === undefined)
    throw new UsageError(`${name}: a policy is a JSON object, like ${JSON.stringify(DEFAULT_POLICY)}.`);
  shape.keys(["format", "promises", "invariants", "objectives", "relative"]);
  shape.oneOf("format", ["agent-derby-gate/1"]);
  const { promises } = shape.value;
  if (promises !== undefined && typeof promises !== "boolean") shape.problem("promises", "true or false", promises);
  if (shape.value.invariants !== undefined) {
    const invariants = shape.child("invariants");
    invariants?.keys(Object.keys(INVARIANTS));
    for (const key of Object.keys(invariants?.value ?? {})) if (key in INVARIANTS) invariants?.integer(key, 0, HUGE);
  }
  for (const objective of shape.children("objectives")) checkLimit(objective, OBJECTIVE_FIGURES, "most");
  for (const limit of shape.children("relative")) checkLimit(limit, RELATIVE_FIGURES, "worseBy");
  if (problems.length > 0) throw new UsageError(problems.map((problem) => `${name}: ${problem}`));
  return content as GatePolicy;
}
