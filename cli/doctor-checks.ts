/** What `doctor` looks at. A check answers with a line or several; none changes anything, and Postgres is really started. */
import { join } from "node:path";
import { UsageError } from "../harness/errors.ts";
import { sortOut } from "../harness/installed.ts";
import { preparePostgres } from "../harness/postgres/postgres.ts";
import { planCores } from "../harness/processes/cores.ts";
import { machineLimits } from "../harness/processes/limits.ts";
import { takePorts } from "../harness/processes/ports.ts";
import { realTimeAllowed } from "../harness/processes/priority.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { installedApart, loadRunners } from "../harness/runner-check.ts";
import { byteSize } from "./table.ts";

export interface Finding {
  readonly subject: string;
  /** "absent": something that nothing uses unless it is named. */
  readonly state: "ok" | "absent" | "warning" | "problem";
  readonly says: string;
}

const GIB = 2 ** 30;
/** Stated minimum of the default profile; below it fewer sessions fit. */
const MEMORY_WANTED_BYTES = 7.5 * GIB;
const DISK_NEEDED_BYTES = 2 * GIB;
/** What 2,000 live sessions may need at worst: both ends of every connection of a burst. */
const OPEN_FILES_WANTED = 10_000;
const PORTS_WANTED = 20_000;

type Limits = ReturnType<typeof machineLimits>;
type Check = (limits: Limits) => Finding | Promise<Finding | readonly Finding[]>;

function node(): Finding {
  const pinned = /[/\\]node_modules[/\\]node-/.test(process.execPath);
  const from = pinned
    ? "the pinned one"
    : "not the pinned one: figures of JavaScript runtimes compare only among equal versions";
  return { subject: "Node", state: pinned ? "ok" : "warning", says: `${process.version}, ${from}` };
}

function cores({ cores: count }: Limits): Finding {
  const plan = planCores();
  if (plan !== null)
    return {
      subject: "cores",
      state: "ok",
      says: `${count}: ${plan.harness} for the harness, ${plan.runtime} for the runtime`,
    };
  const why =
    count < 2 ? "harness and runtime share the only core" : "no taskset here, so harness and runtime share all cores";
  return { subject: "cores", state: "warning", says: `${count}: ${why}; latencies then hold delays of the harness` };
}

function memory({ memoryBytes }: Limits): Finding {
  const enough = memoryBytes >= MEMORY_WANTED_BYTES;
  const says = `${byteSize(memoryBytes)}${enough ? "" : "; the default profile wants 8 GB, so use --sessions with fewer than 2,000"}`;
  return { subject: "memory", state: enough ? "ok" : "warning", says };
}

function openFiles({ openFilesHard }: Limits): Finding {
  const enough = openFilesHard >= OPEN_FILES_WANTED;
  const advice = "; raise the hard limit (ulimit -Hn), or run fewer sessions";
  return {
    subject: "open files",
    state: enough ? "ok" : "warning",
    says: `${openFilesHard} per process${enough ? "" : advice}`,
  };
}

function disk({ diskFreeBytes, temporaryFreeBytes }: Limits): Finding {
  const enough = Math.min(diskFreeBytes, temporaryFreeBytes) >= DISK_NEEDED_BYTES;
  const says = `${byteSize(diskFreeBytes)} free here, ${byteSize(temporaryFreeBytes)} for temporary databases`;
  return {
    subject: "disk",
    state: enough ? "ok" : "problem",
    says: enough ? says : `${says}; 2 GB are needed in both places`,
  };
}

async function ports({ ephemeralPorts }: Limits): Promise<Finding> {
  const [port] = await takePorts(1);
  const enough = ephemeralPorts >= PORTS_WANTED;
  const says = `127.0.0.1:${port} can be listened on, ${ephemeralPorts} ports for connections`;
  return {
    subject: "ports",
    state: enough ? "ok" : "warning",
    says: enough ? says : `${says}; widen net.ipv4.ip_local_port_range for more sessions`,
  };
}

function realTime(): Finding {
  const subject = "real time";
  if (planCores() === null)
    return { subject, state: "warning", says: "not used, since the harness has no cores of its own" };
  if (realTimeAllowed()) return { subject, state: "ok", says: "witnesses can go before everybody else on their cores" };
  return {
    subject,
    state: "warning",
    says: "not allowed, so witnesses take turns with others on their cores and lag more: run as root, or allow it (ulimit -r 3)",
  };
}

async function postgres(): Promise<Finding> {
  const watchdog = await Watchdog.start();
  try {
    const source = await preparePostgres("embedded", watchdog);
    const { path } = watchdog.createDirectory();
    const cluster = await source.start({ directory: path, logFile: join(path, "postgres.log"), cores: null });
    await cluster.stop();
    return {
      subject: "Postgres",
      state: "ok",
      says: `${cluster.settings.server_version} starts, fsync ${cluster.settings.fsync}`,
    };
  } finally {
    await watchdog.stop();
  }
}

/** Runners, and variants that need something else than their runner. One that is not here is left out of runs that name nobody. */
async function runners(): Promise<Finding[]> {
  const all = loadRunners();
  const { ready, missing } = await sortOut(all);
  const others = await sortOut(all.flatMap(installedApart));
  const finding = (state: Finding["state"], says: string): Finding => ({ subject: "runners", state, says });
  if (ready.length === 0)
    return [finding("problem", "there is none that could start"), ...missing.map((says) => finding("problem", says))];
  return [
    finding("ok", `${ready.length} of ${all.length} can start`),
    ...missing.map((says) => finding("warning", says)),
    ...others.ready.map(({ name }) => finding("ok", `${name} can start`)),
    ...others.missing.map((says) => finding("absent", says)),
  ];
}

const CHECKS: Readonly<Record<string, Check>> = {
  Node: node,
  cores,
  "real time": realTime,
  memory,
  "open files": openFiles,
  disk,
  ports,
  Postgres: postgres,
  runners,
};

/** All findings, in order. A check that fails is a problem with its reason. */
export async function* findings(): AsyncGenerator<Finding> {
  const limits = machineLimits(process.cwd());
  for (const [subject, check] of Object.entries(CHECKS)) {
    try {
      const found = await check(limits);
      yield* "subject" in found ? [found] : found;
    } catch (error) {
      const reason = error instanceof UsageError ? error.problems.join(" ") : (error as Error).message;
      yield { subject, state: "problem", says: reason };
    }
  }
}
