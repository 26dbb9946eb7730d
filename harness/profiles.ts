/** Profiles: how much of every scenario is run. They scale all scenarios alike, so that a scenario file says nothing of size or repetition. */

export interface Profile {
  readonly about: string;
  /** Scenarios run when none is named. */
  readonly scenarios: readonly string[] | "all";
  /** Live sessions of the whole scenario; cohorts keep their shares. */
  readonly sessions: number;
  /** Multiplies the lengths of the phases. */
  readonly phases: number;
  /** Multiplies think times: shorter trials need quicker users to see enough turns. */
  readonly think: number;
  readonly blocks: number;
  /** Every trial with faults gets a calm twin: the same trial without them. */
  readonly twins: boolean;
  readonly proofsPerSecond: number;
}

export const PROFILES: Readonly<Record<string, Profile>> = {
  smoke: {
    about: "does it work at all: kill on every runner that is installed, half a minute each",
    scenarios: ["kill"],
    sessions: 300,
    phases: 0.3,
    think: 0.25,
    blocks: 1,
    twins: false,
    proofsPerSecond: 100,
  },
  default: {
    about: "2,000 live sessions, one block; at most 10 minutes on two cores for the three runners that need no setup",
    scenarios: ["kill", "cpu-mix", "gc-pressure"],
    sessions: 2000,
    phases: 1,
    think: 1,
    blocks: 1,
    twins: false,
    proofsPerSecond: 200,
  },
  gate: {
    about: "pairs for the gate: two sessions with heavy turns, so that a trial of 10 s tells a change of some percent",
    scenarios: ["heavy-turns"],
    sessions: 2,
    phases: 1,
    think: 1,
    blocks: 1,
    twins: false,
    proofsPerSecond: 100,
  },
  full: {
    about:
      "all scenarios, 10,000 live sessions where the machine allows, five blocks and calm twins: hours, as plan says",
    scenarios: "all",
    sessions: 10_000,
    phases: 1,
    think: 4,
    blocks: 5,
    twins: true,
    proofsPerSecond: 250,
  },
};
