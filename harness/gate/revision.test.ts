import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { findRunner } from "../runner-check.ts";
import { checkOut } from "./revision.ts";

const RUNNER = {
  runtime: "Some",
  language: "TypeScript",
  home: "https://example.com",
  processes: [{ name: "server", role: "app", command: ["node", "server.ts"], serves: true, world: true }],
  promises: {},
};

let top = "";
const git = (...args: string[]): string =>
  execFileSync("git", ["-C", top, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();

/** A repository with one runner in two versions. */
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "gate-revision-"));
  const folder = join(top, "runners", "some");
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(top, "node_modules"));
  git("init", "--quiet");
  writeFileSync(join(folder, "runner.json"), JSON.stringify(RUNNER));
  for (const version of ["one", "two"]) {
    writeFileSync(join(folder, "server.ts"), version);
    git("add", "runners");
    git("commit", "--quiet", "-m", version);
  }
});
afterEach(() => rmSync(top, { recursive: true }));

it("a runner is found as it was at another revision, beside the packages of now, until it is taken away", () => {
  const before = checkOut(join(top, "runners", "some"), "HEAD~1");
  expect(before.commit).toBe(git("rev-parse", "HEAD~1"));
  const found = findRunner(`baseline=${before.spec}`);
  expect(found?.name).toBe("baseline");
  expect(readFileSync(join(before.spec, "server.ts"), "utf8")).toBe("one");
  expect(existsSync(join(before.spec, "../../node_modules"))).toBe(true);
  expect(readFileSync(join(top, "runners", "some", "server.ts"), "utf8")).toBe("two");
  before.remove();
  expect(existsSync(before.spec)).toBe(false);
  expect(existsSync(join(top, "node_modules"))).toBe(true);
  expect(git("worktree", "list").split("\n")).toHaveLength(1);
});

it("an unknown revision, and a folder outside of any repository, are said in a sentence and leave nothing behind", () => {
  const runner = join(top, "runners", "some");
  expect(() => checkOut(runner, "no-such")).toThrow(UsageError);
  expect(() => checkOut(runner, "--help")).toThrow(UsageError);
  expect(git("worktree", "list").split("\n")).toHaveLength(1);
  rmSync(join(top, ".git"), { recursive: true });
  expect(() => checkOut(runner, "HEAD")).toThrow("repository");
});
