/**
 * A harness that is killed in the middle of a chaos trial, and what is left of it: for a test that does it a few times, and a bench
 * that does it often. The trial meets faults of several kinds on a runtime with a database, so that proxies, replicas, burners, a
 * mounted filesystem and Postgres are there to be left behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { HISTORY_FILES } from "../harness/history.ts";
import { readHistory } from "../harness/history-file.ts";
import {
  GONE_WITHIN_MS,
  listeningPorts,
  listeningSockets,
  mountPoints,
  namesDirectory,
} from "../harness/processes/leftovers.ts";
import {
  isAlive,
  type ProcessRow,
  processTree,
  readProcessTable,
  signalIfAlive,
  unlessGone,
} from "../harness/processes/process-table.ts";
import { Campaign } from "../harness/recordings.ts";
import { ROOT } from "./sources.ts";

const LOOK_EVERY_MS = 50;
/** Before its first trial a harness tries its runner and takes its ports. */
const BEGINS_WITHIN_MS = 60_000;
const RUNNER = "durable";
/** The programs of Postgres, unpacked once for each user, stay on purpose. */
const STAYS = /^agent-derby-\d+-postgres-/;

interface ChaosScenario {
  readonly faults: readonly { readonly atMs: readonly number[] }[];
}

/** The chaos scenario, its faults in another order for each turn, so that early instants meet all of them in the end. */
function writeScenario(file: string, turn: number): void {
  const scenario = JSON.parse(readFileSync(join(ROOT, "test/chaos.json"), "utf8")) as ChaosScenario;
  const { faults } = scenario;
  const turned = faults.map(({ atMs }, place) => ({ ...faults[(place + turn) % faults.length], atMs }));
  writeFileSync(file, JSON.stringify({ ...scenario, faults: turned }));
}

/** What was there when a harness was killed, and what became of it. */
export interface Aftermath {
  /** From the beginning of the trial to the kill. */
  readonly killedAtMs: number;
  /** The last thing that the trial had noted of phases and faults. */
  readonly during: string;
  /** Processes of the harness that were alive then, and ports on which these listened. */
  readonly processes: number;
  readonly ports: number;
  /** From the kill until nothing was left; null when something still was after the limit. */
  readonly goneAfterMs: number | null;
  /** What was left at the limit. */
  readonly left: readonly string[];
  /** Whole lines on disk, and events that could be read of them. */
  readonly lines: number;
  readonly events: number;
}

/** Everything that belongs to one harness: itself, its descendants, and whoever names its folder. */
class Belongings {
  readonly #folder: string;
  readonly #root: number;
  readonly #seen = new Map<string, ProcessRow>();
  /** Whoever does not name the folder when it is first met never will: the environment is handed down. */
  readonly #strangers = new Set<string>();

  constructor(root: number, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** Looks for new ones; whoever was seen once belongs to it for good. */
  look(): void {
    const table = readProcessTable();
    const below = new Set(processTree([this.#root], table).map(({ pid }) => pid));
    for (const row of table) {
      const key = `${row.pid} ${row.startTime}`;
      if (this.#seen.has(key)) continue;
      if (below.has(row.pid)) this.#seen.set(key, row);
      else if (this.#strangers.has(key)) continue;
      else if (namesDirectory(row.pid, this.#folder)) this.#seen.set(key, row);
      else this.#strangers.add(key);
    }
  }

  alive(): ProcessRow[] {
    return [...this.#seen.values()].filter(isAlive);
  }

  /** Names of what is left: processes, mounts, and whatever lies in the folder for temporary things. */
  left(ports: readonly number[]): string[] {
    this.look();
    const alive = this.alive();
    const open = portsOf(alive);
    return [
      ...alive.map(
        ({ pid }) => `process ${pid} (${unlessGone(() => readFileSync(`/proc/${pid}/comm`, "utf8"))?.trim()})`,
      ),
      ...ports.filter((port) => open.includes(port)).map((port) => `port ${port}`),
      ...mountPoints().flatMap((path) => (path.startsWith(this.#folder) ? [`mount ${path}`] : [])),
      ...readdirSync(this.#folder).flatMap((name) => (STAYS.test(name) ? [] : [`directory ${name}`])),
    ];
  }
}

/** Ports on which processes listen. */
function portsOf(processes: readonly ProcessRow[]): number[] {
  const sockets = listeningSockets();
  return [...new Set(processes.flatMap(({ pid }) => listeningPorts(pid, sockets)))];
}

/** The folder of the only trial of the only campaign below `out`, once the trial writes; undefined before that. */
function trialBelow(out: string): { campaign: Campaign; id: string } | undefined {
  const [name] = existsSync(out) ? readdirSync(out) : [];
  if (name === undefined || !existsSync(join(out, name, "campaign.json"))) return undefined;
  const campaign = Campaign.open(join(out, name));
  const [id] = campaign.header.trials;
  return id !== undefined && existsSync(join(campaign.trialFolder(id), HISTORY_FILES.trial))
    ? { campaign, id }
    : undefined;
}

const wholeLines = (file: string): number =>
  existsSync(file) ? readFileSync(file, "latin1").split("\n").length - 1 : 0;

/** What can be read of a trial whose harness was killed. */
function recorded(out: string): Pick<Aftermath, "lines" | "events" | "during"> {
  const trial = trialBelow(out);
  if (trial === undefined) return { lines: 0, events: 0, during: "before the trial" };
  const folder = trial.campaign.trialFolder(trial.id);
  const history = readHistory(folder, trial.campaign.plan(trial.id));
  const files = Object.values(HISTORY_FILES).map((name) => join(folder, name));
  const last = history.trial.findLast(({ e }) => ["phase", "fault", "landed", "cured", "missed"].includes(e));
  const what = last === undefined ? "" : "phase" in last ? last.phase : "id" in last ? ` ${last.id}` : "";
  return {
    lines: files.reduce((sum, file) => sum + wholeLines(file), 0),
    events: history.driver.length + history.world.length + history.trial.length,
    during: last === undefined ? "start" : `${last.e} ${what}`.replace(/\s+/g, " "),
  };
}

async function begun(harness: ChildProcess, out: string, belongings: Belongings): Promise<void> {
  const lastMs = performance.now() + BEGINS_WITHIN_MS;
  while (trialBelow(out) === undefined) {
    belongings.look();
    if (harness.exitCode !== null || performance.now() > lastMs)
      throw new Error(`The trial did not begin:\n${readFileSync(`${out}.log`, "utf8")}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** A folder for {@link killHarness}, open to the user that Postgres runs under. Whoever makes it removes it. */
export function folderForKills(): string {
  const folder = mkdtempSync(join(tmpdir(), "killed-harness-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "tmp"));
  return folder;
}

function startHarness(folder: string, out: string, turn: number): ChildProcess {
  const scenario = join(folder, "chaos.json");
  writeScenario(scenario, turn);
  const options = ["--profile", "smoke", "--sessions", "40", "--seed", String(turn), "--no-calibrate", "--out", out];
  const log = openSync(`${out}.log`, "a");
  try {
    return spawn(process.execPath, ["cli/main.ts", "run", scenario, RUNNER, ...options], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: join(folder, "tmp") },
      stdio: ["ignore", log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

/**
 * Starts a harness, kills it with SIGKILL so long after its trial began, and looks until nothing is left, or for 2 s. Whatever then
 * still is left is ended here.
 * @param folder from {@link folderForKills}
 * @param turn counts the kills; decides the order of the faults and the seed
 * @throws Error when the trial does not begin, or is over before the kill
 */
export async function killHarness(folder: string, turn: number, atMs: number): Promise<Aftermath> {
  const out = join(folder, `out-${turn}`);
  const harness = startHarness(folder, out, turn);
  await once(harness, "spawn");
  const belongings = new Belongings(harness.pid ?? 0, join(folder, "tmp"));
  try {
    await begun(harness, out, belongings);
    const began = performance.now();
    while (performance.now() - began < atMs) {
      belongings.look();
      await delay(LOOK_EVERY_MS);
    }
    belongings.look();
    const alive = belongings.alive();
    const ports = portsOf(alive);
    const killed = performance.now();
    if (harness.exitCode !== null || !harness.kill("SIGKILL"))
      throw new Error("The harness had ended before its kill.");
    let left = belongings.left(ports);
    while (left.length > 0 && performance.now() - killed < GONE_WITHIN_MS) {
      await delay(LOOK_EVERY_MS);
      left = belongings.left(ports);
    }
    const goneAfterMs = left.length === 0 ? Math.round(performance.now() - killed) : null;
    const seen = { processes: alive.length, ports: ports.length };
    return { killedAtMs: Math.round(killed - began), ...seen, goneAfterMs, left, ...recorded(out) };
  } finally {
    for (const process of belongings.alive()) signalIfAlive(process, "SIGKILL");
  }
}
