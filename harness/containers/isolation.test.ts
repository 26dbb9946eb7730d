/**
 * Preparing containers, with the stand-in engine of `testing/local-engine.ts`. What only a real engine can show is tested where one
 * answers, and says so where it is skipped.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../errors.ts";
import { startChild } from "../processes/child.ts";
import { hasProc } from "../processes/process-table.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import type { Runner } from "../runner.ts";
import { type Isolation, imageOf, prepareIsolation } from "./isolation.ts";
import { IMAGE, IMAGES, isolationOf, tiny } from "./testing/in-containers.ts";
import { localEngine } from "./testing/local-engine.ts";

test("an image that is not there is named, and its runner is not installed", async () => {
  const isolation = await isolationOf(localEngine(IMAGES));
  const runner = tiny({ image: "nobody/built-it:3" });
  expect(await isolation.installed(runner)).toBe(false);
  expect(isolation.missing(runner)).toMatch(
    /tiny cannot start in a container: The image "nobody\/built-it:3" is not on this engine/,
  );
  await expect(isolation.habitat(runner, { folders: [], memoryMb: 64 })).rejects.toThrow(UsageError);
});

test.skipIf(!hasProc)(
  "a runner's own check runs in its image; where it fails its own steps are named, to be run there",
  async () => {
    const engine = localEngine(IMAGES);
    const isolation = await isolationOf(engine);
    const install = {
      check: ["sh", "-c", "exit 0"],
      how: "by hand",
      steps: [
        ["sh", "build.sh"],
        ["sh", "-c", "echo a b"],
      ],
    };
    expect(await isolation.installed(tiny({ install }))).toBe(true);
    const broken = tiny({ install: { ...install, check: ["sh", "-c", "exit 1"] } });
    expect(await isolation.installed(broken)).toBe(false);
    expect(isolation.missing(broken)).toMatch(
      /docker run .* tiny:1 sh build\.sh && docker run .* tiny:1 sh -c 'echo a b'$/,
    );
    expect(engine.made.map(({ Image }) => Image)).toEqual([IMAGE, IMAGE]);
  },
);

test.skipIf(!hasProc)(
  "containers of a dead harness are removed at the next start; those of a living one stay",
  async () => {
    const engine = localEngine(IMAGES);
    const runner = tiny();
    const habitat = await (await isolationOf(engine)).habitat(runner, { folders: [], memoryMb: 64 });
    const folder = scratchFolder();
    const ours = await habitat.start({
      command: ["sleep", "60"],
      cwd: "/",
      env: habitat.environment(),
      logFile: join(folder, "log"),
    });
    onTestFinished(() => ours.kill("SIGKILL"));
    const [spec] = engine.made;
    if (spec === undefined) throw new Error("no container was made");
    const dead = await startChild({
      command: ["true"],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      logFile: join(folder, "dead"),
    });
    await dead.exited;
    await engine.createContainer({ ...spec, Labels: { "agent-derby.harness": `${dead.pid} ${dead.startTime}` } });
    expect(engine.containers.size).toBe(2);
    await isolationOf(engine);
    expect([...engine.containers.values()].map((one) => one.spec.Labels)).toEqual([spec.Labels]);
    expect(readFileSync(join(folder, "log"), "utf8")).toBe("");
  },
);

test("a runner that names no image gets the harness's own, of this very version", () => {
  expect(imageOf({})).toMatch(/^agent-derby:\d+\.\d+\.\d+/);
  expect(imageOf({ image: IMAGE })).toBe(IMAGE);
});

test("without testcontainers, and without an engine, --isolation docker says what to do", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(prepareIsolation("docker", () => Promise.reject(missing))).rejects.toThrow(
    "--isolation docker needs the package testcontainers, which is not installed. Run: npm install testcontainers@12",
  );
  const silent = {
    getContainerRuntimeClient: () => Promise.reject(new Error("Could not find a working container runtime strategy")),
  };
  await expect(prepareIsolation("docker", async () => silent)).rejects.toThrow(
    /^--isolation docker: no container engine answers .* Looked at: DOCKER_HOST, .*docker\.sock.* Start one, or leave --isolation out\.$/,
  );
});

/** The image of a real engine that the last test runs in: any with a shell. */
const REAL_IMAGE = process.env.DERBY_TEST_IMAGE ?? imageOf({});

const NOWHERE: Runner = {
  name: "nobody",
  folder: "/",
  runtime: "",
  language: "",
  home: "",
  processes: [],
  promises: {},
  variantEnv: {},
};

/** An isolation with that image, or why there is none. */
async function realEngine(): Promise<Isolation | string> {
  try {
    const isolation = await prepareIsolation("docker");
    await isolation.habitat({ ...NOWHERE, image: REAL_IMAGE }, { folders: [], memoryMb: 64 });
    return isolation;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

const real = await realEngine();

test.skipIf(typeof real === "string")(
  `a real engine runs a command as our user and tells how it ended${typeof real === "string" ? ` (skipped: ${real})` : ""}`,
  async () => {
    if (typeof real === "string") throw new Error(real);
    const folder = scratchFolder();
    const habitat = await real.habitat(tinyRuntime({}, { image: REAL_IMAGE }), { folders: [folder], memoryMb: 64 });
    const command = ["sh", "-c", "id -u; exit 7"];
    const child = await habitat.start({
      command,
      cwd: folder,
      env: habitat.environment(),
      logFile: join(folder, "log"),
    });
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(readFileSync(join(folder, "log"), "utf8").trim()).toBe(String(process.getuid?.()));
  },
);
