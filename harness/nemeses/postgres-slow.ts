/**
 * postgres-slow: every word to and from the database arrives later, as from one in another region; its own work takes as long as
 * ever, so what is counted is how often a runtime goes there and back.
 */
import type { PlannedFault } from "../trial.ts";
import { delayPath, LATENCY_MS } from "./latency.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { FOR_MS } from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = { ms: { ...LATENCY_MS, default: 20 }, forMs: FOR_MS } as const;

export const postgresSlow = {
  about: "everything between runtime and database arrives later, in both directions",
  provedBy: "a round trip through the proxy takes at least twice the latency",
  settings: SETTINGS,
  needs: () => ({ proxies: ["database"] }),
  inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { ms, forMs } = settingsOf(SETTINGS, fault);
    return delayPath(target, "database", ms, forMs);
  },
} satisfies Nemesis;
