/** Postgres in a container through the optional package testcontainers: a container per trial, removed afterwards. */
import { requireEngine } from "../containers/engine.ts";
import { TrialError } from "../errors.ts";
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

/** @throws UsageError when testcontainers is not installed or no container engine answers */
export async function prepareDocker(load?: () => Promise<Testcontainers>): Promise<PostgresSource> {
  const { containers } = await requireEngine<Testcontainers>("--postgres docker", "leave --postgres out", load);
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
