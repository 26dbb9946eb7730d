/** All known servers, in the loads in which they are measured. */
import type { KnownServer } from "../known-server.ts";
import { bimodal } from "./bimodal.ts";
import { constant } from "./constant.ts";
import { dependent } from "./dependent.ts";
import { dropped } from "./dropped.ts";
import { freeze } from "./freeze.ts";
import { warmUp, worldWarmUp } from "./warm-up.ts";
import { world } from "./world.ts";

/** Servers that one load walks through, one after the other. */
export interface ServerGroup {
  /** Goes first and is not compared. */
  readonly warmUp: KnownServer;
  readonly servers: readonly KnownServer[];
}

/** One process plays them all. The freeze is last, so that its thaw falls into nobody's part. */
const SCRIPTED: ServerGroup = { warmUp, servers: [constant, bimodal, dropped, dependent, freeze] };

export const SERVER_GROUPS: readonly ServerGroup[] = [SCRIPTED, { warmUp: worldWarmUp, servers: [world] }];

/** The scripted server to which a session belongs, by its id. */
export function scriptedServerOf(session: string): KnownServer | undefined {
  const name = /^[a-z]+/.exec(session)?.[0];
  return [SCRIPTED.warmUp, ...SCRIPTED.servers].find((server) => server.name === name);
}
