/**
 * A real Postgres for every trial, whichever way it comes: embedded (the default, nothing to install), a server that is named by its
 * URL, or a container. Each trial gets an empty database; version and durability settings are read from the server itself.
 */
import type { DatabaseTarget } from "../nemeses/nemesis.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { prepareDocker } from "./docker.ts";
import { prepareEmbedded } from "./embedded.ts";
import { prepareServer } from "./server.ts";

/** "embedded", "docker", or the URL of a server (postgres://…). */
export type PostgresChoice = string;

/** What a trial says when it asks for a database. */
export interface PostgresTrial {
  /** A marked directory of the trial; an embedded cluster lives in it. */
  readonly directory: string;
  readonly logFile: string;
  /** The runtime's cores: its database shares them. */
  readonly cores: string | null;
  /** The data get a small filesystem of their own, for faults that fill it, where this way of having a Postgres can do that. Default false. */
  readonly ownVolume?: boolean;
}

/** A database for one trial. */
export interface PostgresCluster {
  readonly url: string;
  /** Version, durability settings and filesystem, for the report. */
  readonly settings: Readonly<Record<string, string>>;
  /** pid of the server's first process; null where it is not ours, and while it is down. */
  readonly pid: number | null;
  /** For faults; null where the server is not ours. */
  readonly database: DatabaseTarget | null;
  /** Ends it and removes what it kept. */
  stop(): Promise<void>;
}

/** A prepared way of getting databases. */
export interface PostgresSource {
  start(trial: PostgresTrial): Promise<PostgresCluster>;
}

/**
 * Makes ready what all trials share, once per campaign.
 * @throws UsageError when this way is not possible here, with what to do
 */
export async function preparePostgres(choice: PostgresChoice, watchdog: Watchdog): Promise<PostgresSource> {
  if (choice === "embedded") return prepareEmbedded(watchdog);
  if (choice === "docker") return prepareDocker();
  return prepareServer(choice);
}

export { withClient } from "./connection.ts";
