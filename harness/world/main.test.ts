import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorldEvent } from "../history.ts";
import { readEvents } from "../history-file.ts";
import { entryPoint } from "../processes/entry.ts";
import { ForkedProcess } from "../processes/fork.ts";
import type { FromWorld, ToWorld } from "./protocol.ts";
import { input, says, settingsOf, testWorld } from "./testing/test-world.ts";

const LIMIT_MS = 10_000;
let folder = "";
let process: ForkedProcess<ToWorld, FromWorld>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "world-main-"));
  const module = entryPoint(import.meta.url, "./main");
  process = ForkedProcess.start<ToWorld, FromWorld>({ name: "World", module, logFile: join(folder, "log") });
});
afterEach(async () => {
  await process.stop();
  rmSync(folder, { recursive: true });
});

async function askOnce(port: number): Promise<number> {
  const body = JSON.stringify({ model: "m", stream: true, messages: [input("s1", 1)] });
  const response = await fetch(`http://127.0.0.1:${port}/i/1/v1/chat/completions`, { method: "POST", body });
  await response.text();
  return response.status;
}

describe("the World as a process", () => {
  it("listens, answers, and says the last of its health when it is stopped", async () => {
    process.send(settingsOf([says(5)]));
    const { port } = await process.next("listening", LIMIT_MS);
    expect(await askOnce(port)).toBe(200);
    process.send({ type: "stop" });
    const stopped = await process.next("stopped", LIMIT_MS);
    expect(stopped.frameLatenessMs?.n).toBe(5);
    expect((await process.exited).code).toBe(0);
  });

  it("ends with its channel, and has written its history by then", async () => {
    const historyFile = join(folder, "world.ndjson");
    process.send(settingsOf([says(5)], { historyFile }));
    const { port } = await process.next("listening", LIMIT_MS);
    await askOnce(port);
    expect((await process.stop()).code).toBe(0);
    expect(readEvents<WorldEvent>(historyFile).map(({ e }) => e)).toEqual(["ask", "first", "said"]);
  });

  it("holds a member of a cohort when it is told to, says so, and lets it go", async () => {
    process.send(settingsOf([says(5)]));
    const { port } = await process.next("listening", LIMIT_MS);
    process.send({ type: "hold", id: "h", members: [{ s: "s1", n: 1 }], step: 1, at: "asked" });
    const status = askOnce(port);
    expect(await process.next("held", LIMIT_MS)).toMatchObject({ id: "h", count: 1, of: 1 });
    process.send({ type: "release", id: "h" });
    expect(await status).toBe(200);
  });

  it("says that its port is taken", async () => {
    const { world } = await testWorld([says(1)]);
    process.send(settingsOf([says(1)], { port: world.port }));
    await expect(process.next("listening", LIMIT_MS)).rejects.toThrow(/cannot start: .*EADDRINUSE/);
    expect((await process.exited).code).toBe(1);
  });

  it("says that its history cannot be written", async () => {
    process.send(settingsOf([says(1)], { historyFile: "/dev/full" }));
    const { port } = await process.next("listening", LIMIT_MS);
    await askOnce(port);
    await expect(process.next("stopped", LIMIT_MS)).rejects.toThrow(/cannot write its history: .*ENOSPC/);
  });
});
