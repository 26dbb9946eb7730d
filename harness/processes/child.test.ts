import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { UsageError } from "../errors.ts";
import { childEnvironment, endChild, lastLines, runChild, startChild } from "./child.ts";
import { coresOfTree, planCores } from "./cores.ts";
import { isAlive, readProcess } from "./process-table.ts";
import { scratchFolder } from "./testing/scratch.ts";

const FOREVER = "setInterval(() => {}, 1000)";

function command(words: string[], folder: string) {
  return { command: words, cwd: folder, env: childEnvironment(), logFile: join(folder, "log") };
}

test("output and error of a command are appended to its log", async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "log"), "before\n");
  const exit = await runChild(
    command(["node", "-e", "console.log('out'); console.error('err'); process.exit(7)"], folder),
    10_000,
  );
  expect(exit).toEqual({ code: 7, signal: null });
  expect(readFileSync(join(folder, "log"), "utf8")).toBe("before\nout\nerr\n");
  expect(lastLines(join(folder, "log"), 2)).toBe("out\nerr");
});

test("node is the Node that runs the harness, whatever PATH says", async () => {
  const folder = scratchFolder();
  await runChild(command(["node", "-p", "process.execPath"], folder), 10_000);
  expect(dirname(lastLines(join(folder, "log")))).toBe(dirname(process.execPath));
});

test("proxies, keys and options of the harness do not reach a child, HOME does", () => {
  const env = childEnvironment({
    HOME: "/h",
    OPENAI_API_KEY: "k",
    https_proxy: "p",
    HTTP_PROXY: "p",
    NODE_OPTIONS: "-r x",
    PGHOST: "db",
    PATH: "/bin",
  });
  expect(env).toEqual({ HOME: "/h", PATH: `${dirname(process.execPath)}:/bin` });
});

test.each([
  [
    "a program that is nowhere on PATH",
    ["no-such-program"],
    /There is no program "no-such-program" on this machine's PATH/,
  ],
  ["a file that is not there", ["./missing"], /There is no program ".\/missing"/],
  ["a file that is not executable", ["./plain"], /".\/plain" is not an executable file/],
  ["nothing at all", [], /A command is empty/],
])("%s is refused with one sentence", async (_sentence, words, expected) => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "plain"), "");
  chmodSync(join(folder, "plain"), 0o644);
  const attempt = startChild(command(words, folder));
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(expected);
});

test("a folder that is not there is refused with one sentence", async () => {
  const folder = scratchFolder();
  const attempt = startChild({ ...command(["node", "-v"], folder), cwd: join(folder, "missing") });
  await expect(attempt).rejects.toThrow(UsageError);
});

test("what is left of a group ends with its leader", async () => {
  const folder = scratchFolder();
  const leave = `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", ${JSON.stringify(FOREVER)}], { stdio: "ignore" });
    console.log(child.pid); child.once("spawn", () => process.exit(0));`;
  const child = await startChild(command(["node", "-e", leave], folder));
  await child.exited;
  const pid = Number(lastLines(join(folder, "log")));
  expect(pid).toBeGreaterThan(0);
  await vi.waitFor(() => expect(["Z", "X", undefined]).toContain(readProcess(pid)?.state), { timeout: 2000 });
});

test("a process that ignores SIGTERM is killed after its grace", async () => {
  const folder = scratchFolder();
  const child = await startChild(
    command(["node", "-e", `process.on("SIGTERM", () => {}); console.log("up"); ${FOREVER}`], folder),
  );
  await vi.waitFor(() => expect(lastLines(join(folder, "log"))).toBe("up"), { timeout: 5000 });
  const exit = await endChild(child, 50);
  expect(exit.signal).toBe("SIGKILL");
  expect(isAlive(child)).toBe(false);
});

test("a command that takes too long is killed and named", async () => {
  const folder = scratchFolder();
  await expect(runChild(command(["node", "-e", FOREVER], folder), 100)).rejects.toThrow(/had not ended after 0.1 s/);
});

test.skipIf(planCores() === null)("a pinned child runs on its cores alone", async () => {
  const folder = scratchFolder();
  const cores = planCores()?.runtime ?? "";
  const child = await startChild({ ...command(["node", "-e", `console.log("up"); ${FOREVER}`], folder), cores });
  await vi.waitFor(() => expect(lastLines(join(folder, "log"))).toBe("up"), { timeout: 5000 });
  expect(coresOfTree([child.pid])).toEqual([cores]);
  await endChild(child, 0);
});
