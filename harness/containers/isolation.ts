/**
 * Isolation: where the runtimes of a campaign live. "processes": on this machine as it is. "docker": each start of a process in a
 * container of its own, from the image that the runner names. World, driver, proxies and an embedded Postgres stay processes of
 * the harness in both: they are what measures, not what is measured. "attached": a runtime that somebody else has started (`attached.ts`).
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Attached } from "../attached.ts";
import { UsageError } from "../errors.ts";
import { installed, notInstalled } from "../installed.ts";
import { packageRoot, packageVersion } from "../package-root.ts";
import { runChild } from "../processes/child.ts";
import { bareMachine, type Habitat } from "../processes/habitat.ts";
import { machineLimits } from "../processes/limits.ts";
import { isAlive, readProcess } from "../processes/process-table.ts";
import type { Runner } from "../runner.ts";
import { type Mount, startContainer } from "./container-child.ts";
import { type Engine, isMissing, requireEngine } from "./engine.ts";

export type IsolationName = "processes" | "docker" | "attached";

/** What one runtime of one trial may use. */
export interface Dwelling {
  /** Existing folders that its processes write to. Their logs need not be among them. */
  readonly folders: readonly string[];
  readonly memoryMb: number;
}

/** A prepared way of isolating runtimes. */
export interface Isolation {
  readonly name: IsolationName;
  /** Whether a runner can start here. */
  readonly installed: (runner: Runner) => Promise<boolean>;
  /** What to say of one that cannot. */
  readonly missing: (runner: Runner) => string;
  /** @throws UsageError when the runner's image is not there */
  habitat(runner: Runner, dwelling: Dwelling): Promise<Habitat>;
  /** The runtime, where it runs already. */
  readonly attached?: Attached;
}

/** Processes of the harness's own. */
export const bareProcesses: Isolation = {
  name: "processes",
  installed,
  missing: notInstalled,
  habitat: () => Promise.resolve(bareMachine),
};

/** The label of all our containers; its value is the harness that they belong to. */
const LABEL = "agent-derby.harness";
/** The Node that runs us, so that a runtime runs on the very same; its folder comes first on PATH. */
const NODE_FOLDER = "/opt/agent-derby-node";
/** Where the limit is "unlimited" the engine still wants a number. */
const MOST_OPEN_FILES = 1_048_576;
/** The check of a runner itself has 10 s. */
const CHECK_WITHIN_MS = 30_000;
const CHECK_MEMORY_MB = 1024;

/** Makes ready what all trials share. @throws UsageError when this way is not possible here, with what to do */
export async function prepareIsolation(
  name: Exclude<IsolationName, "attached">,
  load?: () => Promise<unknown>,
): Promise<Isolation> {
  if (name === "processes") return bareProcesses;
  if (process.platform !== "linux")
    throw new UsageError("--isolation docker needs Linux: elsewhere containers live in a machine of their own.");
  const { client } = await requireEngine("--isolation docker", "leave --isolation out", load);
  const { dockerode } = (client as { container: { dockerode: Engine } }).container;
  await sweepContainers(dockerode);
  return new Containers(dockerode);
}

/** Removes what harnesses that died have left. */
async function sweepContainers(engine: Engine): Promise<void> {
  const ours = await engine.listContainers({ all: true, filters: { label: [LABEL] } });
  for (const { Id, Labels } of ours) {
    const [pid, startTime = ""] = (Labels[LABEL] ?? "").split(" ");
    if (isAlive({ pid: Number(pid), startTime })) continue;
    await engine
      .getContainer(Id)
      .remove({ force: true })
      .catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
  }
}

/** The image that a runner's processes start from. */
export const imageOf = ({ image }: Pick<Runner, "image">): string => image ?? `agent-derby:${packageVersion}`;

const isBelow = (folder: string, parent: string): boolean => !relative(parent, folder).startsWith("..");

/** What every container of a runner sees: the sources as they are here, not to be written to but where tool chains build. */
function mountsOf({ folder }: Pick<Runner, "folder">): Mount[] {
  const built = join(folder, ".build");
  return [
    { path: packageRoot, writable: false },
    ...(isBelow(folder, packageRoot) ? [] : [{ path: folder, writable: false }]),
    ...(existsSync(built) ? [{ path: built, writable: true }] : []),
    { path: process.execPath, as: `${NODE_FOLDER}/node`, writable: false },
  ];
}

/** Containers of an engine on this machine. */
class Containers implements Isolation {
  readonly name = "docker";
  readonly #engine: Engine;
  readonly #environments = new Map<string, Promise<Readonly<Record<string, string>>>>();
  readonly #reasons = new Map<string, string>();
  readonly #openFiles = Math.min(machineLimits(tmpdir()).openFilesHard, MOST_OPEN_FILES);

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The environment that an image gives, with our Node first on PATH. @throws UsageError when the image is not there */
  #environment(image: string): Promise<Readonly<Record<string, string>>> {
    const known = this.#environments.get(image) ?? this.#inspect(image);
    this.#environments.set(image, known);
    return known;
  }

  async #inspect(image: string): Promise<Readonly<Record<string, string>>> {
    try {
      const { Config } = await this.#engine.getImage(image).inspect();
      const own = Object.fromEntries(
        (Config.Env ?? []).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      // The user that the container runs as has no home there.
      return { HOME: "/tmp", ...own, PATH: `${NODE_FOLDER}:${own.PATH ?? "/usr/local/bin:/usr/bin:/bin"}` };
    } catch (error) {
      const why = isMissing(error) ? "is not on this engine" : `cannot be read (${(error as Error).message})`;
      throw new UsageError(`The image "${image}" ${why}; docker/README.md says how it is built.`);
    }
  }

  async habitat(runner: Runner, { folders, memoryMb }: Dwelling): Promise<Habitat> {
    const image = imageOf(runner);
    const found = await this.#environment(image);
    const mounts = [...mountsOf(runner), ...folders.map((path) => ({ path, writable: true }))];
    const labels = { [LABEL]: `${process.pid} ${readProcess(process.pid)?.startTime ?? ""}` };
    const site = { engine: this.#engine, image, mounts, memoryMb, openFiles: this.#openFiles, labels };
    return { environment: () => found, start: (what) => startContainer(what, site) };
  }

  readonly installed = async (runner: Runner): Promise<boolean> => {
    try {
      if (await this.#passesCheck(runner)) return true;
      this.#reasons.set(runner.name, this.#howToBuild(runner));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#reasons.set(runner.name, error.message);
    }
    return false;
  };

  readonly missing = (runner: Runner): string =>
    `${runner.name} cannot start in a container: ${this.#reasons.get(runner.name) ?? "it was not tried."}`;

  /** Runs the runner's own check where its processes will live. @throws UsageError when the image is not there, or it takes too long */
  async #passesCheck(runner: Runner): Promise<boolean> {
    const habitat = await this.habitat(runner, { folders: [], memoryMb: CHECK_MEMORY_MB });
    if (runner.install === undefined) return true;
    const folder = mkdtempSync(join(tmpdir(), "derby-check-"));
    try {
      const command = {
        command: runner.install.check,
        cwd: runner.folder,
        env: habitat.environment(),
        logFile: join(folder, "log"),
      };
      return (await runChild(command, CHECK_WITHIN_MS, undefined, habitat.start)).code === 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The runner's own steps, run in the image: what is built for this machine need not run there. */
  #howToBuild({ install, folder, ...runner }: Runner): string {
    const image = imageOf(runner);
    const steps = (install?.steps ?? []).map((step) => {
      const words = step.map((word) => (/^[\w./:=+-]+$/.test(word) ? word : `'${word}'`)).join(" ");
      return `docker run --rm --user "$(id -u):$(id -g)" -e HOME=/tmp -v ${packageRoot}:${packageRoot} -w ${folder} --entrypoint "" ${image} ${words}`;
    });
    const how = steps.length === 0 ? "Its README says what it needs." : `Build it there: ${steps.join(" && ")}`;
    return `what it needs is not built in ${relative(packageRoot, folder)}/.build for the image "${image}". ${how}`;
  }
}
