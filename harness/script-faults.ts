/** Faults that a scenario's script puts in force through local tools: the runtime's own code breaks, or takes more than its share. */

/** What can be said of such a fault without running it. */
export interface ScriptFault {
  /** What happens, in one sentence. */
  readonly about: string;
  /** How its landing is proved, in one sentence. */
  readonly provedBy: string;
}

const LEAVE = "The World's history has the leave to die that it gave (`crash`), and when.";

/** All of them by the names that the catalogue uses; a script writes them as calls of local tools. */
export const SCRIPT_FAULTS: Readonly<Record<string, ScriptFault>> = {
  "crash-throw": { about: "The code of a turn throws (`crash {how: throw}`).", provedBy: LEAVE },
  "crash-detached": {
    about: "A timer or task of a session fails outside its turn, where nobody catches it (`crash {how: detached}`).",
    provedBy: LEAVE,
  },
  "crash-unit": {
    about:
      "The unit that runs a session dies: its process, worker or actor, as the runner's README says (`crash {how: unit}`).",
    provedBy: LEAVE,
  },
  "crash-burst": {
    about: "Many sessions crash within seconds, which counts against limits of restarts (a cohort of crashing turns).",
    provedBy: LEAVE,
  },
  "poisoned-turn": {
    about: "A turn that crashes whenever it is tried (`crash` with attempts: all).",
    provedBy: LEAVE,
  },
  "poisoned-state": {
    about: "A session whose stored state crashes whoever loads it (`crash {when: load}`).",
    provedBy: LEAVE,
  },
  "memory-churn": {
    about: "Sessions hold and replace much memory (`hold_memory`, `churn_memory`), so that the collector has to work.",
    provedBy:
      "The World checked the results of the local calls; where the runtime is observed, its major collections are counted and the scenario says whether there were enough.",
  },
  "cpu-hog": {
    about: "Sessions compute where everybody runs (`burn_cpu`, `parse_document`, `search_memory`).",
    provedBy: "The World checked the results of the local calls, which nobody has without doing the work.",
  },
};
