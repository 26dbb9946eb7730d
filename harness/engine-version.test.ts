import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { engineVersion } from "./engine-version.ts";
import { contestants, resolveRunner } from "./runner-check.ts";

const folder = tmpdir();
const asked = (...version: string[]) => engineVersion({ folder, version });

test("the version of an engine is the first line that it says", async () => {
  expect(await asked("node", "-p", "'Engine 1.2\\nbuilt today'")).toBe("Engine 1.2");
});

test.each([
  ["it fails", ["node", "-e", "console.log('Engine 1.2'); process.exit(1)"]],
  ["it says nothing", ["node", "-e", ""]],
  ["there is no such program", ["no-such-engine-anywhere", "--version"]],
])("it is unknown where %s", async (_, command) => {
  expect(await asked(...command)).toBeNull();
});

test("it is unknown where a runner names no command", async () => {
  expect(await engineVersion({ folder })).toBeNull();
});

test("every contestant of ours says how its version is asked for, and a Node runner answers with the Node that runs it", async () => {
  expect(
    contestants()
      .filter(({ version }) => version === undefined)
      .map(({ name }) => name),
  ).toEqual([]);
  expect(await engineVersion(resolveRunner("async"))).toBe(`Node ${process.version}`);
});
