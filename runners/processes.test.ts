/** The runners of one plain process, started as the harness starts them: what only a real process shows. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ScriptedWorld, startWorld } from "./kit/typescript/scripted-world.ts";

let world: ScriptedWorld;
let child: ChildProcess;
let base: string;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await world.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function start(runner: string): Promise<void> {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  const folder = new URL(`./${runner}/`, import.meta.url);
  const env = { ...process.env, PORT_HTTP: String(port) };
  child = spawn(process.execPath, ["--max-old-space-size=256", "server.ts"], { cwd: folder, env, stdio: "ignore" });
  await vi.waitFor(async () => expect((await fetch(`${base}/healthz`)).status).toBe(200), { timeout: 10_000 });
}

const put = (session: string, turn: string, input: string): Promise<Response> => {
  return fetch(`${base}/sessions/${session}/turns/${turn}`, { method: "PUT", body: JSON.stringify({ input }) });
};

for (const runner of ["async", "reference"]) {
  describe(`the ${runner} process`, () => {
    it("answers, answers again with the same bytes, lists, and refuses another input", async () => {
      await start(runner);
      const first = await (await put("s", "1", "hello")).text();
      expect(first).toBe('{"output":"fine"}');
      expect(await (await put("s", "1", "hello")).text()).toBe(first);
      expect((await put("s", "1", "other")).status).toBe(409);
      const read = await fetch(`${base}/sessions/s`);
      expect(await read.json()).toEqual({ turns: [{ turn: "1", input: "hello", output: "fine" }] });
      expect(world.asked).toHaveLength(1);
    });

    it("finishes a running turn before it follows SIGTERM", async () => {
      await start(runner);
      const asked = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<{ text: string }>();
      world.model = () => {
        asked.resolve();
        return answer.promise;
      };
      const answered = put("s", "1", "hello").then((response) => response.text());
      await asked.promise;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await vi.waitFor(() => expect(fetch(`${base}/healthz`)).rejects.toThrow(), { timeout: 5_000 });
      answer.resolve({ text: "just in time" });
      expect(await answered).toBe('{"output":"just in time"}');
      expect(await exited).toEqual([0, null]);
    });

    for (const die of ["detached", "unit"]) {
      it(`is gone after a crash of kind ${die}`, async () => {
        await start(runner);
        world.model = () => ({ calls: [["crash", { how: die }]] });
        world.tool = () => [200, JSON.stringify({ die })];
        const exited = once(child, "exit");
        await expect(put("s", "1", "hello")).rejects.toThrow();
        expect(await exited).toEqual([1, null]);
      });
    }

    it("answers 500 after a crash of the turn alone, and goes on", async () => {
      await start(runner);
      world.model = () => ({ calls: [["crash", { how: "throw" }]] });
      world.tool = () => [200, '{"die":"throw"}'];
      expect((await put("s", "1", "hello")).status).toBe(500);
      world.model = () => ({ text: "still here" });
      expect(await (await put("s", "1", "hello")).text()).toBe('{"output":"still here"}');
    });
  });
}
