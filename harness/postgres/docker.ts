/** Postgres in a container through the optional package testcontainers: a container per trial, removed afterwards. */
import { TrialError, UsageError } from "../errors.ts";
import { readSettings } from "./connection.ts";
import type { PostgresCluster, PostgresSource } from "./postgres.ts";

const IMAGE = "postgres:18";
const PORT = 5432;

/** The little of testcontainers that is used here; the package itself is an optional peer and may be absent. */
export interface Testcontainers {
  readonly GenericContainer: new (image: string) => ContainerBuilder;
  readonly getContainerRuntimeClient: () => Promise<unknown>;
}
interface ContainerBuilder {
  withEnvironment(env: Record<string, string>): ContainerBuilder;
  withExposedPorts(...ports: number[]): ContainerBuilder;
  withCommand(command: string[]): ContainerBuilder;
  withStartupTimeout(ms: number): ContainerBuilder;
  start(): Promise<{ getHost(): string; getMappedPort(port: number): number; stop(): Promise<unknown> }>;
}

async function importTestcontainers(): Promise<Testcontainers> {
  // A name that the compiler does not follow, since the package need not be there.
  const name: string = "testcontainers";
  return (await import(name)) as Testcontainers;
}

/** @throws UsageError when testcontainers is not installed or no container engine answers */
export async function prepareDocker(
  load: () => Promise<Testcontainers> = importTestcontainers,
): Promise<PostgresSource> {
  let containers: Testcontainers;
  try {
    containers = await load();
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND"
        ? "is not installed"
        : `cannot be loaded (${(error as Error).message})`;
    throw new UsageError(
      `--postgres docker needs the package testcontainers, which ${reason}. Run: npm install testcontainers@12`,
    );
  }
  try {
    await containers.getContainerRuntimeClient();
  } catch (error) {
    throw new UsageError(
      `--postgres docker: no container engine answers (${(error as Error).message}). Start one, or leave --postgres out.`,
    );
  }
  return { start: () => startContainer(containers) };
}

async function startContainer(containers: Testcontainers): Promise<PostgresCluster> {
  const settings = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=100",
    "shared_buffers=128MB",
  ];
  const builder = new containers.GenericContainer(IMAGE)
    .withEnvironment({ POSTGRES_USER: "derby", POSTGRES_HOST_AUTH_METHOD: "trust" })
    .withExposedPorts(PORT)
    .withCommand(settings.flatMap((setting) => ["-c", setting]))
    .withStartupTimeout(120_000);
  try {
    const container = await builder.start();
    const url = `postgres://derby@${container.getHost()}:${container.getMappedPort(PORT)}/derby`;
    return {
      url,
      settings: {
        source: `container ${IMAGE}, on cores of the engine's choice`,
        ...(await readSettings(url)),
        filesystem: "unknown",
      },
      pid: null,
      database: null,
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    throw new TrialError(`The Postgres container did not start: ${(error as Error).message}`, { cause: error });
  }
}
