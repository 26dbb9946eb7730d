import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkInstall, installed, requireInstalled, sortOut } from "./installed.ts";
import { scratchFolder } from "./processes/testing/scratch.ts";
import type { Install, Runner } from "./runner.ts";

const runner = (name: string, install?: Install, folder = tmpdir()): Runner => ({
  name,
  folder,
  variantEnv: {},
  runtime: name,
  language: "none",
  home: "https://example.invalid",
  processes: [],
  promises: {},
  ...(install !== undefined && { install }),
});
const there = runner("there", { check: ["true"], how: "it is there" });
const away = runner("away", { check: ["false"], how: "Run `make`.", steps: [["make"]] });
const byHand = runner("by-hand", { check: ["no-such-program"], how: "Ask for a licence." });

test("the check alone says whether a runner is installed, and one without a check needs nothing", async () => {
  expect(await Promise.all([runner("plain"), there, away, byHand].map(checkInstall))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("the check runs in the runner's folder", async () => {
  const folder = scratchFolder();
  expect(await checkInstall(runner("here", { check: ["sh", "-c", "pwd > seen"], how: "x" }, folder))).toBe(true);
  expect(readFileSync(join(folder, "seen"), "utf8").trim()).toBe(folder);
});

test("a check is run once, however many variants ask, and again only where that is asked for", async () => {
  const folder = scratchFolder();
  const counting = runner("once", { check: ["sh", "-c", "echo x >> count; test -e made"], how: "x" }, folder);
  const runs = () => readFileSync(join(folder, "count"), "utf8").length / 2;
  const answers = await Promise.all([installed(counting), installed({ ...counting, name: "once:other" })]);
  expect([answers, runs()]).toEqual([[false, false], 1]);
  expect(existsSync(join(folder, "made"))).toBe(false);
  await checkInstall(counting);
  expect(runs()).toBe(2);
});

test("checks run beside each other", async () => {
  const folder = scratchFolder();
  // Each waits for the other to have begun: one after the other, neither could end.
  const meet = (mine: string, other: string): Runner =>
    runner(
      mine,
      { check: ["sh", "-c", `echo >${mine}; until test -e ${other}; do sleep 0.01; done`], how: "x" },
      folder,
    );
  const { ready } = await sortOut([meet("a", "b"), meet("b", "a")]);
  expect(ready.map(({ name }) => name)).toEqual(["a", "b"]);
});

test("who is not installed is named with how it gets there, by hand or by setup", async () => {
  const { ready, missing } = await sortOut([away, there, byHand]);
  expect(ready).toEqual([there]);
  expect(missing).toEqual([
    'away is not installed: Run `make`. "npx agent-derby setup away" does it.',
    "by-hand is not installed: Ask for a licence.",
  ]);
  await expect(requireInstalled([there])).resolves.toBeUndefined();
  await expect(requireInstalled([away, there, byHand])).rejects.toMatchObject({
    name: "UsageError",
    problems: missing,
  });
});
