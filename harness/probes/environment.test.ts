import { homedir, hostname, userInfo } from "node:os";
import { expect, test } from "vitest";
import { packageRoot } from "../package-root.ts";
import { readEnvironment } from "./environment.ts";

test("the environment says what numbers depend on", () => {
  const environment = readEnvironment({ harness: "0", runtime: "1" }, { server_version: "18" });
  expect(environment).toMatchObject({
    node: process.version,
    pinning: "harness on 0, runtime on 1",
    postgres: { server_version: "18" },
  });
  expect(environment.cores).toBeGreaterThan(0);
  expect(environment.memoryMb).toBeGreaterThan(0);
  expect(readEnvironment(null).pinning).toBe("none: harness and runtime shared all cores");
});

test("the environment names neither machine nor user nor any path", () => {
  const values = Object.values(readEnvironment(null)).map(String);
  for (const secret of [hostname(), userInfo().username, homedir(), packageRoot]) expect(values).not.toContain(secret);
  expect(values.filter((value) => value.startsWith("/"))).toEqual([]);
});
