import { existsSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createMarkedDirectory,
  findAbandoned,
  noteInOwnerFile,
  ownIdentity,
  removeMarkedDirectory,
} from "./marked-directory.ts";
import { scratchFolder } from "./testing/scratch.ts";

const DEAD = { pid: process.pid, startTime: "long ago" };

test("a marked directory can be entered by every user and is removed with all it holds", () => {
  const directory = createMarkedDirectory(scratchFolder());
  expect(statSync(directory.path).mode & 0o777).toBe(0o755);
  mkdirSync(join(directory.path, "deep"));
  writeFileSync(join(directory.path, "deep", "file"), "x");
  removeMarkedDirectory(directory);
  expect(existsSync(directory.path)).toBe(false);
  expect(() => removeMarkedDirectory(directory)).not.toThrow();
});

test.each([
  ["a directory of another name", (path: string, victim: string) => renameSync(path, victim)],
  ["a link to a marked directory", (path: string, victim: string) => symlinkSync(path, victim)],
  ["a directory that we never made", (_path: string, victim: string) => mkdirSync(victim)],
])("%s is not removed", (_sentence, arrange) => {
  const parent = scratchFolder();
  const { path, token } = createMarkedDirectory(parent);
  const victim = join(parent, "photos");
  arrange(path, victim);
  expect(() => removeMarkedDirectory({ path: victim, token })).toThrow(/Refusing to remove/);
  expect(existsSync(victim)).toBe(true);
});

test("a directory is not removed with the token of another", () => {
  const parent = scratchFolder();
  const [one, two] = [createMarkedDirectory(parent), createMarkedDirectory(parent)];
  expect(() => removeMarkedDirectory({ path: one.path, token: two.token })).toThrow(/Refusing to remove/);
  expect(existsSync(one.path)).toBe(true);
});

test("abandoned is what a dead owner left, with its lines, and nothing else", () => {
  const parent = scratchFolder();
  const dead = createMarkedDirectory(parent, DEAD);
  noteInOwnerFile(dead, '{"group":1}');
  createMarkedDirectory(parent, ownIdentity());
  mkdirSync(join(parent, "agent-derby-0123456789abcdef"));
  mkdirSync(join(parent, "something-else"));
  expect(findAbandoned(parent)).toEqual([{ ...dead, lines: ['{"group":1}'] }]);
});
