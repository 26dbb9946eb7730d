/** postgres-partition: the way to the database is cut without a word; both ends live on. The same as `partition` of that path. */
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { silencePath } from "./partition.ts";
import { FOR_MS } from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = { forMs: FOR_MS } as const;

export const postgresPartition = {
  about: "the way between runtime and database is cut without a word",
  provedBy: "a new connection through the proxy gets no byte",
  settings: SETTINGS,
  needs: () => ({ proxies: ["database"] }),
  inject: (target: FaultTarget, fault: PlannedFault): Promise<Landed> =>
    silencePath(target, "database", settingsOf(SETTINGS, fault).forMs),
} satisfies Nemesis;
