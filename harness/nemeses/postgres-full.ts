/**
 * postgres-full: the filesystem of the database has no free block any more, for a while. Postgres refuses what needs space; where
 * its log needs some it panics, and is started again when there is room. The data lie in memory for this (`postgres/volume.ts`).
 */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { Volume } from "../postgres/volume.ts";
import type { PlannedFault } from "../trial.ts";
import type { DatabaseTarget, DatabaseVolume, FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { FOR_MS } from "./path-fault.ts";
import { databaseOf, replyTo, runningPid, untilAnswering } from "./postgres-fault.ts";
import { settingsOf } from "./settings.ts";

/** SQLSTATE of "could not extend file: No space left on device". */
const DISK_FULL = "53100";
/** A table of some megabytes, which nobody ever sees. */
const NEEDS_SPACE =
  "BEGIN; CREATE TABLE agent_derby_probe AS SELECT repeat('x', 1000) AS filler FROM generate_series(1, 5000); ROLLBACK";
/** Postgres gives space back as it tidies up; then that is taken as well. */
const TRIES = 5;

const SETTINGS = { forMs: FOR_MS } as const;

/** Takes all space until the server feels it. @returns how it is known. @throws TrialError when it never does */
async function exhaust(database: DatabaseTarget, volume: DatabaseVolume): Promise<string> {
  let reply = "";
  for (let tries = 0; tries < TRIES; tries++) {
    await volume.fill();
    const { freeBytes } = volume;
    reply = await replyTo(database, NEEDS_SPACE);
    if (reply === DISK_FULL) return `Postgres refused a new table with SQLSTATE ${DISK_FULL} (disk full)`;
    if (reply !== "answered" && freeBytes === 0) return `Postgres broke (${reply})`;
  }
  throw new TrialError(
    `The database's filesystem was filled ${TRIES} times, and Postgres still found room (${reply}).`,
  );
}

export const postgresFull = {
  about: "the database's disk is full for a while",
  provedBy: "its filesystem has no free block, and Postgres refuses a new table for that",
  settings: SETTINGS,
  needs: () => ({ database: "volume" }),
  rootWhere: "where users may make no namespaces of their own",
  whyNot: () => Volume.whyNot(),
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs } = settingsOf(SETTINGS, fault);
    const database = databaseOf(target);
    const { volume } = database;
    if (volume === null) throw new TrialError("The database's data do not lie on a filesystem that we may fill.");
    runningPid(database);
    const recover = async (): Promise<void> => {
      await volume.relieve();
      await untilAnswering(database);
    };
    let felt: string;
    try {
      felt = await exhaust(database, volume);
    } catch (error) {
      await recover();
      throw error;
    }
    const landed = performance.now();
    return {
      proof: `The database's filesystem was brought down to what is in use: ${felt}. It is a tmpfs, where flushing is free, so nothing is said of durability on a disk.`,
      async cure() {
        await delay(Math.max(0, forMs - (performance.now() - landed)));
        await recover();
      },
    };
  },
} satisfies Nemesis;
