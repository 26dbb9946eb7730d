import { expect, it } from "vitest";
import { portOfServer } from "./trial-database.ts";

it.each([
  { words: ["/usr/lib/postgresql/bin/postgres", "-D", "/data", "-p", "5433", "-c", "fsync=on", ""], port: "5433" },
  { words: ["postgres: walwriter -p 5433", ""], port: null },
  { words: ["psql", "-p", "5433", ""], port: null },
  { words: ["postgres", "-D", "/data", ""], port: null },
  { words: [""], port: null },
])("$words has the port $port", ({ words, port }) => {
  expect(portOfServer(words)).toBe(port);
});
