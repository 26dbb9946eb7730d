import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RunnerFile } from "../runner.ts";
import { copied, ownRunnerFile } from "./template.ts";

function folderWith(paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "template-files-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
  return folder;
}

test("a copy holds the sources, and neither tests nor what was built", () => {
  const folder = folderWith([
    "main.go",
    "lib/a.ex",
    "main_test.go",
    "a.test.ts",
    "tests/b.py",
    ".build/x",
    "runner.json",
  ]);
  expect([...copied(folder)]).toEqual([
    ["lib/a.ex", "lib/a.ex"],
    ["main.go", "main.go"],
  ]);
});

test("a copy from the installed package holds kept sources instead of what was compiled of them", () => {
  const folder = folderWith(["server.js", "server.d.ts", "server.ts.txt", "plain.js"]);
  expect([...copied(folder)]).toEqual([
    ["plain.js", "plain.js"],
    ["server.ts", "server.ts.txt"],
  ]);
});

test("the runner of a copy starts its source, and vows nothing that was measured elsewhere", () => {
  const original: RunnerFile = {
    runtime: "theirs",
    language: "TypeScript",
    home: "https://theirs.example",
    contestant: false,
    processes: [{ name: "app", role: "app", command: ["node", "server.js", "plain.js"], serves: true }],
    promises: { readable: true },
    variants: { other: {} },
    image: "theirs:1",
    install: { check: ["true"], how: "their way" },
  };
  const own = ownRunnerFile(original, "mine", new Map([["server.ts", ""]]));
  expect(own).toMatchObject({ runtime: "mine", promises: { readable: true }, install: { check: ["true"] } });
  expect(own.processes[0]?.command).toEqual(["node", "server.ts", "plain.js"]);
  expect(own.install?.how).not.toContain("their");
  for (const left of ["variants", "image", "contestant", "budget"]) expect(own).not.toHaveProperty(left);
});
