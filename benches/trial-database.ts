/** The database of the trial that this process is recording, for benches that look at it from beside. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { TrialError } from "../harness/errors.ts";
import { DATABASE_USER } from "../harness/postgres/binaries.ts";
import { processTree, unlessGone } from "../harness/processes/process-table.ts";

/** The port that a Postgres server was started with; null for every other command line, those of its backends among them. */
export function portOfServer(words: readonly string[]): string | null {
  const [program = "", ...flags] = words;
  const port = flags[flags.indexOf("-p") + 1];
  return basename(program) === "postgres" && flags.includes("-p") && port !== undefined ? port : null;
}

/** URL of the embedded server that this process, or one below it, has started. @throws TrialError where there is not one, or /proc is missing */
export function trialDatabaseUrl(): string {
  const ports = processTree([process.pid]).flatMap(({ pid }) => {
    const line = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
    return portOfServer(line.split("\0")) ?? [];
  });
  if (ports.length !== 1)
    throw new TrialError(`Expected one Postgres server below this process, found ${ports.length}.`);
  return `postgres://${DATABASE_USER}@127.0.0.1:${ports[0]}/postgres`;
}
