/**
 * The catalogue of faults: every kind that a scenario can ask for, wherever it is put in force, with what happens, how it is known to
 * have landed, and whether this machine can inject it.
 */
import { DRIVER_FAULTS } from "./driver-faults.ts";
import { type FaultNeeds, NEMESES, type Nemesis } from "./nemeses/nemesis.ts";
import { SCRIPT_FAULTS } from "./script-faults.ts";
import type { PlannedFault } from "./trial.ts";
import { FAULT_KINDS } from "./world/faults/index.ts";

/** What a fault hits, in the order of printing. */
export const FAULT_GROUPS = ["processes", "paths", "Postgres", "sessions", "clients", "the model", "tools"] as const;
export type FaultGroup = (typeof FAULT_GROUPS)[number];

export interface CatalogueFault {
  /** Unique within its group. */
  readonly kind: string;
  readonly hits: FaultGroup;
  readonly about: string;
  readonly provedBy: string;
  /** Where nobody but root can inject it, in a few words; null where nobody needs to be root. */
  readonly rootWhere: string | null;
  /** Why this machine cannot inject it, as a sentence; null if it can. */
  readonly whyNot: () => string | null;
}

/** Anybody may inject it anywhere: it is made of what the harness itself says, or leaves unsaid. */
const ANYWHERE = { rootWhere: null, whyNot: () => null } as const;

/** A fault as a scenario that sets nothing would plan it. */
const BARE: PlannedFault = { id: "f1", kind: "", role: "app", afterAcknowledged: 0, restartAfterMs: 0, with: {} };

function groupOf(kind: string, { needs }: Nemesis): FaultGroup {
  const { database, proxies = [], copies = 1 }: FaultNeeds = needs?.({ ...BARE, kind }) ?? {};
  if (database !== undefined || kind.startsWith("postgres-")) return "Postgres";
  // A proxy that leads clients from one copy to another is a means: the processes are hit.
  return proxies.length > 0 && copies === 1 ? "paths" : "processes";
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

function all(): CatalogueFault[] {
  const nemeses = Object.entries(NEMESES).map(([kind, nemesis]): CatalogueFault => {
    const { about, provedBy, rootWhere = null, whyNot = () => null } = nemesis;
    return { kind, hits: groupOf(kind, nemesis), about, provedBy, rootWhere, whyNot };
  });
  const scripted = Object.entries(SCRIPT_FAULTS).map(
    ([kind, fault]): CatalogueFault => ({ kind, hits: "sessions", ...fault, ...ANYWHERE }),
  );
  const driven = Object.entries(DRIVER_FAULTS).map(
    ([kind, { about, provedBy }]): CatalogueFault => ({ kind, hits: "clients", about, provedBy, ...ANYWHERE }),
  );
  const served = FAULT_KINDS.map(({ kind, hits, what, landing }): CatalogueFault => {
    const group = hits === "the model" ? "the model" : "tools";
    return { kind, hits: group, about: what, provedBy: `In the World's history ${landing}`, ...ANYWHERE };
  });
  return [...nemeses, ...scripted, ...driven, ...served];
}

/** All faults, by group. */
export function faultCatalogue(): CatalogueFault[] {
  return all()
    .map((fault) => ({ ...fault, about: sentence(fault.about), provedBy: sentence(fault.provedBy) }))
    .sort((a, b) => FAULT_GROUPS.indexOf(a.hits) - FAULT_GROUPS.indexOf(b.hits));
}
