/**
 * The container engine of this machine, found by the optional package testcontainers. What the package's own containers cannot do
 * (cores, pausing, signals) its underlying client can, so that is what is handed out; only the little that is used is typed here.
 */
import { UsageError } from "../errors.ts";

/** What a container is made of: the part of the engine's API (POST /containers/create) that is used. Sizes are bytes. */
export interface ContainerSpec {
  readonly Image: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly WorkingDir: string;
  /** "uid:gid" */
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: {
    readonly NetworkMode: "host";
    readonly Init: true;
    readonly Binds: readonly string[];
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly CpusetCpus: string;
    readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
    readonly LogConfig: { readonly Type: "none" };
  };
}

/** How a container stands. */
export interface ContainerState {
  /** pid of its first process as the machine counts; 0 when it does not run. */
  readonly Pid: number;
  readonly Paused: boolean;
  readonly OOMKilled: boolean;
}

export interface EngineContainer {
  readonly id: string;
  start(): Promise<unknown>;
  /** Resolves when it has ended. */
  wait(): Promise<{ readonly StatusCode: number }>;
  inspect(): Promise<{ readonly State: ContainerState }>;
  kill(options: { readonly signal: string }): Promise<unknown>;
  pause(): Promise<unknown>;
  unpause(): Promise<unknown>;
  remove(options: { readonly force: true }): Promise<unknown>;
}

/** The client underneath, dockerode. */
export interface Engine {
  createContainer(spec: ContainerSpec): Promise<EngineContainer>;
  getContainer(id: string): Pick<EngineContainer, "remove">;
  getImage(name: string): {
    inspect(): Promise<{ readonly Config: { readonly Env?: readonly string[] | null } }>;
  };
  listContainers(options: {
    readonly all: true;
    readonly filters: { readonly label: readonly string[] };
  }): Promise<readonly { readonly Id: string; readonly Labels: Readonly<Record<string, string>> }[]>;
}

/** Refusals of the engine carry the status of its answer; 404 is "no such image" or "no such container". */
export const isMissing = (error: unknown): boolean => (error as { statusCode?: number }).statusCode === 404;

async function importTestcontainers(): Promise<unknown> {
  // A name that the compiler does not follow, since the package need not be there.
  const name: string = "testcontainers";
  return import(name);
}

/** Where an engine is looked for beside DOCKER_HOST and the package's own settings. */
const LOOKED_AT = "DOCKER_HOST, ~/.testcontainers.properties, /var/run/docker.sock and the socket of a rootless engine";

/**
 * The package with an engine that answers.
 * @param flag what was asked for, as people write it: "--postgres docker"
 * @param without how they go on where there is no engine, after "Start one, or"
 * @param load loads the package; tests give a stand-in
 * @throws UsageError when the package is not installed or no engine answers
 */
export async function requireEngine<Package extends { getContainerRuntimeClient(): Promise<unknown> }>(
  flag: string,
  without: string,
  load: () => Promise<unknown> = importTestcontainers,
): Promise<{ readonly containers: Package; readonly client: unknown }> {
  let containers: Package;
  try {
    containers = (await load()) as Package;
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND"
        ? "is not installed"
        : `cannot be loaded (${(error as Error).message})`;
    throw new UsageError(
      `${flag} needs the package testcontainers, which ${reason}. Run: npm install testcontainers@12`,
    );
  }
  try {
    return { containers, client: await containers.getContainerRuntimeClient() };
  } catch (error) {
    throw new UsageError(
      `${flag}: no container engine answers (${(error as Error).message}). Looked at: ${LOOKED_AT}. Start one, or ${without}.`,
    );
  }
}
