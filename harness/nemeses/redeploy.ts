/**
 * redeploy: version 1 of a role is replaced by version 2, for good. "stop-start" ends version 1 and starts version 2 in its place, on
 * the same ports; "start-stop" starts version 2 beside it, leads the clients there, and then ends version 1. Version 1 is asked to
 * end and killed when its grace is over. `version: 1` goes back again.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { drainTrees } from "../processes/end-trees.ts";
import { isAlive, type ProcessIdentity, readProcess, unlessGone } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { membersOf, rootsOf, since, whyNoProc } from "./victims.ts";

const SETTINGS = {
  how: { about: "what comes first", default: "stop-start", oneOf: ["stop-start", "start-stop"] },
  version: { about: "the version that runs afterwards", default: 2, least: 1, most: 2 },
  graceMs: { about: "from SIGTERM to SIGKILL", default: 10_000, least: 0, most: 120_000 },
} as const satisfies Record<string, FaultSetting>;

const SEEN_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 2;

interface Redeploy {
  readonly target: FaultTarget;
  readonly fault: PlannedFault;
  readonly graceMs: number;
  /** Null for version 1. */
  readonly env: Readonly<Record<string, string>> | null;
}

/** VERSION in the environment that a process was started with; undefined where it has none, or is gone. */
function versionOf(pid: number): string | undefined {
  const environment = unlessGone(() => readFileSync(`/proc/${pid}/environ`, "latin1")) ?? "";
  const entry = environment.split("\0").find((text) => text.startsWith("VERSION="));
  return entry?.slice("VERSION=".length);
}

/** A sentence about the processes that run now. @throws TrialError unless they are others than before, and of the version */
async function proved(
  before: readonly ProcessIdentity[],
  after: () => readonly number[],
  { env, target }: Redeploy,
): Promise<string> {
  // A version that dies at its start is started again and again: that is the runtime's affair, and a sight of it is enough.
  const deadline = performance.now() + SEEN_WITHIN_MS;
  while (after().length === 0 && performance.now() < deadline) await delay(LOOK_EVERY_MS);
  const now = after().flatMap((pid) => readProcess(pid) ?? []);
  const old = before.filter(({ pid, startTime }) => now.some((row) => row.pid === pid && row.startTime === startTime));
  if (now.length === 0) throw new TrialError("The new version does not stay up.");
  if (old.length > 0) throw new TrialError(`Process ${old[0]?.pid} of the old version was not replaced.`);
  const wrong = now.find(({ pid }) => (versionOf(pid) === target.versionTwo.VERSION) !== (env !== null));
  if (wrong !== undefined) throw new TrialError(`Process ${wrong.pid} was not started as the new version.`);
  const pids = (rows: readonly ProcessIdentity[]): string =>
    rows.map(({ pid, startTime }) => `${pid} of tick ${startTime}`).join(", ");
  const version = `${env === null ? "without" : "with"} VERSION=${target.versionTwo.VERSION} in its environment`;
  return `process ${pids(now)}, ${version}, in place of ${pids(before)}`;
}

async function stopStart(redeploy: Redeploy): Promise<string> {
  const { target, fault, graceMs, env } = redeploy;
  const before = membersOf(target, fault.role);
  target.hold(fault.role);
  const { killed } = await drainTrees(rootsOf(target, fault.role), graceMs).catch(async (error: unknown) => {
    await target.release(fault.role);
    throw error;
  });
  await since(performance.now(), fault.restartAfterMs);
  target.changeEnvironment(fault.role, env);
  await target.release(fault.role);
  return `Stopped (${killed} by SIGKILL), then started: ${await proved(before, () => target.pids(fault.role), redeploy)}.`;
}

async function startStop(redeploy: Redeploy): Promise<string> {
  const { target, fault, graceMs, env } = redeploy;
  const before = membersOf(target, fault.role);
  const client = target.proxy("client");
  const replica = await target.addReplica(fault.role, { owner: "same", env: env ?? {} });
  try {
    const says = await proved(before, () => replica.pids, redeploy);
    if (replica.port !== null) await client.redirect(replica.port);
    await replica.takePlace(graceMs);
    target.changeEnvironment(fault.role, env);
    if (before.some(isAlive)) throw new TrialError("The old version could not be ended.");
    return `Started, then stopped: ${says}, and new connections of clients go to port ${replica.port}.`;
  } catch (error) {
    if (before.every(isAlive)) await replica.stop();
    throw error;
  }
}

export const redeploy = {
  about: "version 1 of a role is ended and version 2 started in its place, or beside it before that",
  provedBy: "other processes run than before, with VERSION=2 in their environment",
  settings: SETTINGS,
  needs: ({ with: given }: PlannedFault) =>
    given.how === "start-stop" ? ({ proxies: ["client"], copies: 2 } as const) : {},
  whyNot: whyNoProc,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { how, version, graceMs } = settingsOf(SETTINGS, fault);
    const deployed = { target, fault, graceMs, env: version === 1 ? null : target.versionTwo };
    const proof = how === "start-stop" ? await startStop(deployed) : await stopStart(deployed);
    // The new version is there to stay.
    return { proof, cure: async () => {} };
  },
} satisfies Nemesis;
