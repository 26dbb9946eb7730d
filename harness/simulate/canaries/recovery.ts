/** Bugs of owners, restarts and timers: two at once, one too many, none at all, too early, not gone. */
import { constant } from "../../random.ts";
import type { TurnScript } from "../../scenario.ts";
import { keyOf } from "../nature.ts";
import { type Canary, unlucky } from "./canary.ts";

const say = (tokens: number) => ({ firstTokenMs: constant(60), tokens: constant(tokens) });
const sleeping: TurnScript = [{ say: say(3), call: { sleep: { ms: 400 } } }, { say: say(4) }];
/** Long turns, so that many are under way when an owner is stopped. */
const long: TurnScript = [
  { say: say(20), call: "save_note" },
  { tool: "save_note", takesMs: constant(500), effect: "keyed" },
  { say: say(20) },
];
const takenOver = {
  faults: ["takeover"],
  with: { forMs: 2_500, zombieMs: 3_000, owner: "same" },
  cohort: { script: long, client: { timeoutMs: 20_000, deadlineMs: 30_000, retry: "eager" } },
} as const;
const restarts = (kind: string) => ({ faults: [kind], restartAfterMs: 300 });

export const RECOVERY_CANARIES: readonly Canary[] = [
  {
    name: "two-live-owners",
    says: "lets two processes run the same turn, each from what it has",
    bug: () => ({ owns: false, guarded: false }),
    trial: {
      faults: ["second-replica"],
      with: { forMs: 5_000 },
      cohort: { script: long, duplicates: { share: 1, after: "sent" } },
    },
    must: ["C8"],
  },
  {
    name: "keeps-what-a-superseded-owner-says",
    says: "accepts the commits of an owner that was superseded",
    bug: () => ({ guarded: false }),
    trial: takenOver,
    must: ["C9"],
  },
  {
    name: "vowed-fence-missing",
    says: "vows fenced effects and sends no fence",
    bug: () => ({
      guarded: false,
      sends: (call, _, scene) => [{ key: `${scene.process.name.i}/${keyOf(call, scene)}` }],
    }),
    trial: takenOver,
    must: ["C9", "C6"],
  },
  {
    name: "fence-that-never-grows",
    says: "sends the same fence for ever",
    bug: () => ({
      guarded: false,
      sends: (call, _, scene) => [{ key: `${scene.process.name.i}/${keyOf(call, scene)}`, fence: 1 }],
    }),
    trial: takenOver,
    must: ["C9", "C6"],
  },
  {
    name: "never-resumes-a-session",
    says: "leaves some interrupted turns lying, and lets whoever asks wait",
    bug: () => ({ resumes: (scene) => (unlucky(scene, 0.6) ? "never" : "unasked") }),
    trial: restarts("kill"),
    must: ["C12"],
  },
  {
    name: "deaf-after-a-database-restart",
    says: "never takes up again what a database restart interrupted",
    bug: () => ({ resumes: () => "never" }),
    trial: restarts("postgres-restart"),
    must: ["C12"],
  },
  {
    name: "deaf-after-a-redeploy",
    says: "never takes up again what a redeploy interrupted",
    bug: () => ({ resumes: () => "never" }),
    trial: { faults: ["redeploy"], with: { how: "stop-start", graceMs: 20 }, cohort: { script: long } },
    must: ["C12", "C13"],
  },
  {
    name: "new-version-cannot-read-the-old",
    says: "shows after a redeploy only what the new version wrote",
    bug: () => {
      const known = new Map<string, number>();
      return {
        lists: (turns, { session, process }) => {
          if (process.name.i === 1) {
            known.set(session, turns.length);
            return turns;
          }
          return turns.slice(known.get(session) ?? 1);
        },
      };
    },
    trial: { faults: ["redeploy"], with: { how: "stop-start", graceMs: 10_000 } },
    must: ["C1", "C13"],
  },
  {
    name: "new-version-forgets",
    says: "shows the model after a redeploy an empty conversation",
    bug: () => ({ recalls: (turns, { process }) => (process.name.i > 1 ? [] : turns) }),
    trial: { faults: ["redeploy"], with: { how: "start-stop", graceMs: 10_000 } },
    must: ["C13", "C18"],
  },
  {
    name: "redeploy-fails-what-runs",
    says: "gives up the turns that a redeploy interrupted",
    bug: () => ({
      loads: (turns) => turns.map((turn) => (turn.result === null ? { ...turn, result: { failed: "gave_up" } } : turn)),
    }),
    trial: { faults: ["redeploy"], with: { how: "stop-start", graceMs: 20 }, cohort: { script: long } },
    must: ["C13"],
    may: ["C1"],
  },
  {
    name: "early-timer",
    says: "wakes before it should",
    bug: () => ({ sleepsMs: (ms) => ms * 0.6 }),
    trial: { cohort: { script: sleeping } },
    must: ["C14"],
  },
  {
    name: "timer-forgotten-in-a-crash",
    says: "does not wait for the rest of a timer after a crash",
    bug: () => ({ sleepsMs: (ms, { process }) => (process.name.i > 1 ? 0 : ms) }),
    trial: { faults: ["kill"], restartAfterMs: 0, cohort: { script: sleeping } },
    must: ["C14"],
  },
  {
    name: "timer-fires-twice",
    says: "goes on twice when a timer has fired",
    bug: () => ({ goesOn: (calls, scene) => (calls.some(({ tool }) => tool === "sleep") && unlucky(scene) ? 2 : 1) }),
    trial: { cohort: { script: sleeping } },
    must: ["C14", "C7"],
  },
  {
    name: "leaves-a-process-behind",
    says: "starts a process that outlives the trial",
    bug: () => ({ leaves: ["worker"] }),
    must: ["C16"],
  },
];
