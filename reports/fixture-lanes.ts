/** Made-up lanes for the fixture summary: one session that forgets and pays twice, one that goes on, and one without any fault. Used by tests only. */
import type { Lane } from "../harness/summarize/lane.ts";
import type { TrialLanes } from "../harness/summarize/lanes.ts";

/** A turn cut short by a kill: asked again, bought again, its effect applied twice, and answered without memory. */
const FORGETFUL: Lane = {
  session: "s1a",
  cohort: "chatty",
  worst: true,
  checkers: ["C1"],
  damage: { lost: 3, doubled: 1, unanswered: 1, avoidable: 1, longestMs: 2610 },
  zero: { fault: "f1" },
  zeroS: 20.2,
  fromMs: -1500,
  toMs: 6200,
  worksAgainMs: null,
  outside: [3, 2],
  phases: [
    ["fault", -1500],
    ["heal", 5100],
  ],
  faults: [["f1", "kill", 0, 62, 448, "Process 4711 was gone from /proc 3 ms after the signal."]],
  processes: [
    ["server", 0, 1, -26000, -25700, 60, "SIGKILL", 1, 1],
    ["server", 0, 2, 90, 448, null, "", 0, 1],
  ],
  spans: [["core", 450, 900]],
  turns: [
    [4, -1240, 2684, 4041, "amnesiac", "ordinary", 1],
    [5, 5050, 900, null, "open", "ordinary", 0],
  ],
  attempts: [
    [4, 1, 1, -1240, 48, "info", "ECONNRESET"],
    [4, 2, 1, 260, 262, "fail", "ECONNREFUSED"],
    [4, 3, 1, 520, 4041, "ok", ""],
    [4, 1, 2, 700, 1400, "ok", ""],
    [5, 1, 1, 5050, null, "open", ""],
  ],
  calls: [
    [4, 1, 1, 1, -1212, -700, -460, "done", 14, "first", 0, ""],
    [4, 2, 1, 1, -240, -80, 61, "aborted", 9, "first", 0, ""],
    [4, 1, 2, 2, 610, 1160, 1420, "done", 14, "avoidable", 3, "a tool request built on it had arrived"],
    [4, 2, 2, 2, 1720, 2200, 2900, "done", 50, "unavoidable", 0, "nothing built on it had been seen"],
    [4, 3, null, 2, 2950, null, 3010, "denied", 0, "unsold", 0, "unavailable"],
    [4, 3, 1, 2, 3160, 3300, 3420, "fault", 6, "first", 0, "cut"],
    [4, 3, 2, 2, 3480, 3600, 4020, "done", 30, "provoked", 0, "the model's answer before had failed"],
  ],
  tools: [
    [4, 1, 0, "send_mail", 1, -440, -300, 200, 0, ""],
    [4, 1, 0, "send_mail", 2, 1440, 1600, 200, 0, ""],
    [4, 2, 0, "save_note", 2, 2910, 2945, 200, 1, ""],
  ],
  effects: [
    [4, 1, 0, -420, "plain", "applied"],
    [4, 1, 0, 1460, "plain", "twice"],
    [4, 2, 0, 2915, "keyed", "repeated"],
    [4, 2, 1, 2930, "keyed", "refused"],
  ],
  locals: [
    [4, 2, 3050, "hash", "wrong"],
    [5, 1, 5400, "crash", "throw"],
  ],
  timers: [[4, 2, 2905, 3000, 3160]],
  holds: [[4, "first", -80, 5]],
  reads: [[4500, 4520, 200, 1, 3]],
  leftOut: 2,
};

/** The same turn in a runtime that keeps what it had. */
const KEPT: Lane = {
  ...FORGETFUL,
  session: "s2b",
  checkers: [],
  damage: { lost: 0, doubled: 0, unanswered: 0, avoidable: 0, longestMs: 1320 },
  toMs: 3000,
  worksAgainMs: 2500,
  outside: [3, 0],
  phases: [["fault", -1500]],
  turns: [[4, -1240, 2684, 2500, "intact", "ordinary", 0]],
  attempts: FORGETFUL.attempts.slice(0, 2).concat([[4, 3, 1, 520, 2500, "ok", ""]]),
  calls: [
    [4, 1, 1, 1, -1212, -700, -460, "done", 14, "first", 0, ""],
    [4, 2, 1, 1, -240, -80, 61, "aborted", 9, "first", 0, ""],
    [4, 2, 2, 2, 640, 1160, 2480, "done", 50, "unavoidable", 0, "nothing built on it had been seen"],
  ],
  tools: FORGETFUL.tools.slice(0, 1),
  effects: FORGETFUL.effects.slice(0, 1),
  locals: [],
  timers: [],
  holds: [],
  reads: [],
  leftOut: 0,
};

/** The lanes of a trial whose runtime forgot; one failure is named and not drawn. */
export const FORGOTTEN_LANES: TrialLanes = {
  shown: [FORGETFUL],
  capsules: [
    { checker: "C1", session: "s1a" },
    { checker: "C1", session: "s07" },
  ],
};

export const KEPT_LANES: TrialLanes = { shown: [KEPT], capsules: [] };

/** Of a trial without faults: the turn with the longest overhead. */
export const CALM_LANES: TrialLanes = {
  shown: [
    {
      ...KEPT,
      session: "s3c",
      cohort: "bystanders",
      damage: { ...KEPT.damage, longestMs: 410 },
      zero: { turn: 4 },
      zeroS: 29.5,
      faults: [],
      spans: [
        ["major-gc", 120, 532],
        ["stall", 532, 640],
      ],
      processes: [["server", 0, 1, -26000, -25700, null, "", 0, 1]],
      turns: [[4, 0, 900, 1310, "intact", "ordinary", 0]],
      attempts: [[4, 1, 1, 0, 1310, "ok", ""]],
      calls: [[4, 1, 1, 1, 400, 560, 1300, "done", 50, "first", 0, ""]],
      tools: [],
      effects: [],
      fromMs: -1000,
      toMs: 1400,
      worksAgainMs: 1310,
    },
  ],
  capsules: [],
};
