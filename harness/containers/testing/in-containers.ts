/** A tiny runtime in containers of the stand-in engine, for tests. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { packageRoot } from "../../package-root.ts";
import { RuntimeProcesses } from "../../processes/runtime.ts";
import type { ProcessEvent } from "../../processes/supervised.ts";
import { scratchFolder, testWatchdog } from "../../processes/testing/scratch.ts";
import { tinyRuntime } from "../../processes/testing/tiny-runtime.ts";
import type { Runner } from "../../runner.ts";
import { type Isolation, prepareIsolation } from "../isolation.ts";
import { type LocalEngine, localEngine } from "./local-engine.ts";

export const IMAGE = "tiny:1";
// The stand-in has no mounts, so the place where our Node would be is not there: PATH of the image leads to it.
export const IMAGES = { [IMAGE]: [`PATH=${join(packageRoot, "node_modules/.bin")}:/usr/bin:/bin`, "LANG=C.UTF-8"] };

export const isolationOf = (engine: LocalEngine): Promise<Isolation> =>
  prepareIsolation("docker", async () => ({
    getContainerRuntimeClient: async () => ({ container: { dockerode: engine } }),
  }));

export interface Trial {
  readonly runtime: RuntimeProcesses;
  readonly events: ProcessEvent[];
  readonly engine: LocalEngine;
  readonly folder: string;
}

/** A runtime in containers, not yet started. */
export async function inContainers(runner: Runner, cores: string | null = null): Promise<Trial> {
  const engine = localEngine(IMAGES);
  const isolation = await isolationOf(engine);
  const folder = scratchFolder();
  const [dataDir, logFolder] = [join(folder, "data"), join(folder, "logs")];
  mkdirSync(dataDir);
  mkdirSync(logFolder);
  const events: ProcessEvent[] = [];
  const runtime = await RuntimeProcesses.prepare({
    runner,
    dataDir,
    logFolder,
    databaseUrl: null,
    worldPort: 4999,
    memoryMb: 256,
    cores,
    habitat: await isolation.habitat(runner, { folders: [folder], memoryMb: 256 }),
    watchdog: await testWatchdog(),
    report: (event) => events.push(event),
    gaveUp: (reason) => expect.unreachable(reason),
    readyWithinMs: 10_000,
  });
  onTestFinished(() => runtime.stop("kill"));
  return { runtime, events, engine, folder };
}

export const tiny = (changes: Partial<Runner> = {}): Runner => tinyRuntime({}, { image: IMAGE, ...changes });
