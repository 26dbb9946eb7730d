import { expect, test } from "vitest";
import { entryPoint } from "./entry.ts";

test.each([
  ["a source asks for a source", "file:///a/harness/record.ts", "./world/main", "/a/harness/world/main.ts"],
  [
    "a compiled module asks for a compiled one",
    "file:///a/dist/harness/record.js",
    "./world/main",
    "/a/dist/harness/world/main.js",
  ],
  ["a folder with a space keeps it", "file:///a%20b/record/run.ts", "../driver/main", "/a b/driver/main.ts"],
])("%s", (_sentence, metaUrl, path, expected) => {
  expect(entryPoint(metaUrl, path)).toBe(expected);
});
