/** What faults of the database have in common: whose it is, whether it answers, and how it goes down and comes back. */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { withClient } from "../postgres/connection.ts";
import { isAlive, processTree } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import type { DatabaseTarget, FaultNeeds, FaultTarget, Landed } from "./nemesis.ts";

const ANSWERS_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 50;

export const needsOurDatabase = (): FaultNeeds => ({ database: "ours" });

/** @throws TrialError when there is none, or it belongs to somebody else */
export function databaseOf(target: FaultTarget): DatabaseTarget {
  if (target.database === null)
    throw new TrialError(
      "There is no database here that we may harm: the runner uses none, or --postgres names another's.",
    );
  return target.database;
}

/** The pid of a server that runs. @throws TrialError when it is down */
export function runningPid(database: DatabaseTarget): number {
  if (database.pid === null) throw new TrialError("Postgres was down before the fault.");
  return database.pid;
}

/** "answered", or the code of the error: an SQLSTATE, or the network's. */
export function replyTo(database: DatabaseTarget, sql: string): Promise<string> {
  return withClient(database.directUrl, (client) => client.query(sql)).then(
    () => "answered",
    (error: Error & { code?: string }) => error.code ?? error.message,
  );
}

/** Waits until the server answers, and starts it where it has ended. @throws TrialError when it does not come back */
export async function untilAnswering(database: DatabaseTarget): Promise<void> {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    if (database.pid === null) await database.start();
    const reply = await replyTo(database, "SELECT 1");
    if (reply === "answered") return;
    if (performance.now() > deadline)
      throw new TrialError(`Postgres did not answer ${ANSWERS_WITHIN_MS / 1000} s after the fault (${reply}).`);
    await delay(ASK_EVERY_MS);
  }
}

/** Ends the server; the cure starts it again after `restartAfterMs`. @param saying how it was ended, for the proof */
export async function takeDown(
  target: FaultTarget,
  fault: PlannedFault,
  how: Parameters<DatabaseTarget["end"]>[0],
  saying: string,
): Promise<Landed> {
  const database = databaseOf(target);
  const victims = processTree([runningPid(database)]);
  const began = performance.now();
  try {
    await database.end(how);
    const landed = performance.now();
    const left = victims.filter(isAlive).length;
    const reply = await replyTo(database, "SELECT 1");
    if (left > 0 || reply !== "ECONNREFUSED")
      throw new TrialError(`After ${saying} ${left} processes of Postgres were left, and a connection was: ${reply}.`);
    return {
      proof: `${saying}: all ${victims.length} processes of Postgres are gone ${(landed - began).toFixed(1)} ms later, and connections are refused.`,
      async cure() {
        await delay(Math.max(0, fault.restartAfterMs - (performance.now() - landed)));
        await untilAnswering(database);
      },
    };
  } catch (error) {
    await untilAnswering(database);
    throw error;
  }
}
