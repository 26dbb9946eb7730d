import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Install, Runner } from "../harness/runner.ts";
import { type SetupResult, setUp } from "./setup.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "derby-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

/** Sets up a runner of this installation; the commands that were announced stand in `steps`. */
async function settingUp(install?: Install, signal = never): Promise<SetupResult & { readonly steps: string[] }> {
  const runner: Runner = {
    name: "mine",
    folder,
    variantEnv: {},
    runtime: "Mine",
    language: "none",
    home: "https://example.invalid",
    processes: [],
    promises: {},
    ...(install !== undefined && { install }),
  };
  const steps: string[] = [];
  return { ...(await setUp(runner, signal, (line) => steps.push(line))), steps };
}

test("a runner without an installation has nothing to install", async () => {
  expect(await settingUp()).toMatchObject({ installed: true, says: "nothing to install", steps: [] });
});

test("what is there is left as it is", async () => {
  const install = { check: ["true"], how: "x", steps: [["touch", "again"]] };
  expect(await settingUp(install)).toMatchObject({ installed: true, says: "was installed already", steps: [] });
  expect(existsSync(join(folder, "again"))).toBe(false);
});

test("steps run in order in the runner's folder, and the check decides", async () => {
  const install = {
    check: ["test", "-e", "second"],
    how: "x",
    steps: [
      ["touch", "first"],
      ["mv", "first", "second"],
    ],
  };
  expect(await settingUp(install)).toEqual({
    runner: "mine",
    installed: true,
    says: "installed",
    steps: ["mine: touch first", "mine: mv first second"],
  });
});

test("the first step that fails is the last, and is named with its exit code", async () => {
  const install = { check: ["false"], how: "x", steps: [["true"], ["sh", "-c", "exit 7"], ["touch", "third"]] };
  expect(await settingUp(install)).toMatchObject({ installed: false, says: '"sh -c exit 7" ended with exit code 7' });
  expect(existsSync(join(folder, "third"))).toBe(false);
  const absent = { check: ["false"], how: "x", steps: [["no-such-program"]] };
  expect((await settingUp(absent)).says).toMatch(/^"no-such-program" cannot be started: .*ENOENT/);
});

test("steps that end well do not make it installed", async () => {
  expect(await settingUp({ check: ["test", "-e", "never"], how: "x", steps: [["true"]] })).toMatchObject({
    installed: false,
    says: "all steps ended well, yet its check says no: test -e never",
  });
});

test("what only a person can install says how", async () => {
  expect(await settingUp({ check: ["false"], how: "Buy it." })).toMatchObject({
    installed: false,
    says: "by hand only: Buy it.",
  });
});

test("nothing more begins once it was stopped", async () => {
  const install = { check: ["false"], how: "x", steps: [["touch", "late"]] };
  expect(await settingUp(install, AbortSignal.abort())).toMatchObject({ installed: false, says: "stopped", steps: [] });
  const stop = new AbortController();
  const running = settingUp(
    {
      ...install,
      steps: [
        ["sh", "-c", "touch begun; exec sleep 60"],
        ["touch", "late"],
      ],
    },
    stop.signal,
  );
  await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
  stop.abort();
  expect((await running).says).toBe('"sh -c touch begun; exec sleep 60" was stopped');
  expect(existsSync(join(folder, "late"))).toBe(false);
});
