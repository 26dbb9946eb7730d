/** Bugs in what is kept: turns that are lost, forgotten, doubled, out of order, or shown too late. */
import { type Canary, unlucky } from "./canary.ts";

const read = { cohort: { readEvery: 1 } } as const;
const killed = { faults: ["kill"], restartAfterMs: 0 } as const;

/** Whether a process has been started again. */
const again = ({ process }: { process: { name: { i: number } } }): boolean => process.name.i > 1;

export const MEMORY_CANARIES: readonly Canary[] = [
  {
    name: "drops-an-acknowledged-turn",
    says: "answers some turns and never writes them down",
    bug: () => ({ keeps: (_, scene) => !unlucky(scene, 0.2) }),
    must: ["C1"],
  },
  {
    name: "forgets-turns-never-written",
    says: "answers some turns, never writes them down, and is killed",
    bug: () => ({ keeps: (_, scene) => !unlucky(scene, 0.3) }),
    trial: killed,
    must: ["C1", "C18"],
    may: ["C3", "C7", "C19"],
  },
  {
    name: "answers-before-it-commits",
    says: "answers first and writes the answer down a little later",
    bug: () => ({ replies: () => ({ commitMs: 600 }) }),
    trial: killed,
    must: ["C3", "C7"],
    may: ["C1", "C18", "C5", "C4"],
  },
  {
    name: "in-memory-that-vows",
    says: "keeps everything in memory and vows durable turns",
    bug: () => ({ memory: "process" }),
    trial: killed,
    must: ["C1", "C18"],
    may: ["C3", "C7", "C19"],
  },
  {
    name: "asynchronous-commit",
    says: "has its commits flushed later than they are acknowledged",
    bug: () => ({ syncs: false }),
    trial: { faults: ["postgres-kill"] },
    must: ["C1"],
    may: ["C3", "C6", "C7", "C19"],
  },
  {
    name: "forgets-history-but-keeps-rows",
    says: "shows the model the last turn only, and reads show all",
    bug: () => ({ recalls: (turns) => turns.slice(-1) }),
    must: ["C18"],
  },
  {
    name: "forgets-history-after-restart",
    says: "begins with an empty conversation after a restart, and reads show all",
    bug: () => ({ recalls: (turns, scene) => (again(scene) ? turns.slice(-1) : turns) }),
    trial: killed,
    must: ["C18"],
  },
  {
    name: "loads-half-the-history",
    says: "loads the newer half of a conversation only",
    bug: () => ({ loads: (turns) => turns.slice(Math.floor(turns.length / 2)) }),
    trial: killed,
    must: ["C18"],
  },
  {
    name: "reorders-turns-for-the-model",
    says: "shows the model the turns in the order of their names",
    bug: () => ({ recalls: (turns) => turns.toReversed() }),
    must: ["C18"],
  },
  {
    name: "doubles-turns-for-the-model",
    says: "shows the model the newest turn twice",
    bug: () => ({ recalls: (turns) => [...turns, ...turns.slice(-1)] }),
    must: ["C18"],
  },
  {
    name: "loses-a-middle-turn",
    says: "shows conversations without their second turn",
    bug: () => ({ lists: (turns) => (turns.length < 3 ? turns : turns.filter((_, index) => index !== 1)) }),
    must: ["C1"],
  },
  {
    name: "shows-the-last-page-only",
    says: "shows the last three turns of a conversation only",
    bug: () => ({ lists: (turns) => turns.slice(-3) }),
    must: ["C1"],
  },
  {
    name: "read-shrinks",
    says: "shows less in the second read of a session than in the first",
    bug: () => {
      const times = new Map<string, number>();
      return {
        lists: (turns, { session }) => {
          const time = (times.get(session) ?? 0) + 1;
          times.set(session, time);
          return time === 2 ? turns.slice(1) : turns;
        },
      };
    },
    trial: read,
    must: ["C4"],
  },
  {
    name: "reorders-turns-in-reads",
    says: "shows the newest turn first once there are three",
    bug: () => ({ lists: (turns) => (turns.length < 3 ? turns : turns.toReversed()) }),
    trial: read,
    must: ["C4", "C10"],
  },
  {
    name: "stale-after-restart",
    says: "shows for a while after a restart what it knew before",
    bug: () => ({
      lists: (turns, scene) =>
        again(scene) && scene.nowMs < scene.process.startedMs + 4_000 ? turns.slice(0, -1) : turns,
    }),
    trial: { ...read, ...killed },
    must: ["C5"],
  },
  {
    name: "stale-replica",
    says: "answers some reads from a replica that lags",
    bug: () => {
      let reads = 0;
      return { lists: (turns) => (++reads % 3 === 0 ? turns.slice(0, -1) : turns) };
    },
    trial: read,
    must: ["C5"],
    may: ["C1"],
  },
  {
    name: "doubles-a-turn-in-the-transcript",
    says: "shows the newest turn twice",
    bug: () => ({ lists: (turns) => [...turns, ...turns.slice(-1)] }),
    must: ["C3"],
  },
  {
    name: "wakes-up-empty",
    says: "shows after a restart only what came since",
    bug: () => {
      const known = new Map<string, number>();
      return {
        lists: (turns, scene) => {
          if (!again(scene)) return turns;
          const from = known.get(scene.session) ?? Math.max(0, turns.length - 1);
          known.set(scene.session, from);
          return turns.slice(from);
        },
      };
    },
    trial: { ...read, ...killed },
    must: ["C1"],
  },
];
