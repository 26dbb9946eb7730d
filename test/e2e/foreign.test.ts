/**
 * Bring your own backend: three that know nothing of us go from their own folder to a first report with a mapping of a few lines, and
 * from a green gate to a red one when somebody plants a regression. Each lies outside this repository and has us from the tarball.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Summary } from "../../harness/summary.ts";
import { ROOT } from "../sources.ts";
import { onPath, run } from "./commands.ts";
import { expectSuccess, INSTALL_LIMIT_MS, install, PACK_LIMIT_MS, pack } from "./package.ts";

const CONFORM_LIMIT_MS = 90_000;
const TRIAL_LIMIT_MS = 90_000;
const MAPPING_LINES_MOST = 15;
const SECRET = "s3cret-of-the-test";

interface Foreign {
  readonly folder: string;
  readonly init: readonly string[];
  /** What else has to be installed in the project. */
  readonly prepare?: readonly (readonly [program: string, ...args: string[]])[];
  readonly answer: object;
  readonly mayClaim: object;
  /** A change that a tired colleague could make: in which file, from what, to what. */
  readonly regression: readonly [file: string, from: string, to: string];
}

const FOREIGN: Readonly<Record<string, Foreign>> = {
  "Express with server-sent events": {
    folder: "express-stream",
    init: [
      "--curl",
      `curl -N localhost:3000/api/chat -H "Authorization: Bearer ${SECRET}" --json '{"conversationId":"{session}","message":"{input}"}'`,
      "--env",
      "CHAT_DIR={dataDir}",
    ],
    answer: { text: "$.delta", sse: "data" },
    mayClaim: { "durable-turns": "process", streaming: true },
    // Gives each process a folder of its own, so that two never write one file.
    regression: ["server.js", 'process.env.CHAT_DIR ?? "./conversations"', 'process.env.CHAT_DIR + "/" + process.pid'],
  },
  "the AI SDK behind plain Node": {
    folder: "ai-sdk",
    init: [
      "--curl",
      `curl http://localhost:3000/agent -d '{"id":"{session}","turn":"{turn}","messages":[{"role":"user","content":"{input}"}]}'`,
      "--model-env",
      "LLM_URL",
      "--ready",
      "/health",
      "--env",
      "CHAT_DB={dataDir}/chat.db",
    ],
    answer: { text: "$.parts[0].text" },
    mayClaim: { "durable-turns": "process" },
    // Forgets everything with its process.
    regression: ["app.js", 'process.env.CHAT_DB ?? ":memory:"', '":memory:"'],
  },
  FastAPI: {
    folder: "fastapi",
    init: [
      "--curl",
      `curl -X POST localhost:8000/threads/{session}/messages -d '{"text": "{input}"}'`,
      "--ready",
      "/ready",
      "--env",
      "CHAT_DIR={dataDir}",
    ],
    prepare: [
      ["python3", "-m", "venv", ".venv"],
      [".venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"],
    ],
    answer: { text: "$.reply" },
    mayClaim: { "durable-turns": "process" },
    // Saves tokens: a long conversation is cut, and with it what was said first.
    regression: ["main.py", "save(thread, [*messages, {", "save(thread, [*messages[-1:], {"],
  },
};

const folder = mkdtempSync(join(tmpdir(), "foreign-test-"));
let tarball = "";
beforeAll(async () => {
  tarball = await pack(folder);
}, PACK_LIMIT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const projectOf = (name: string): string => join(folder, name);
const derby = (project: string, limitMs: number, ...args: readonly string[]) =>
  run("npx", ["--no", "agent-derby", "--", ...args], {
    cwd: project,
    limitMs,
    env: { ...process.env, NODE_OPTIONS: "", CHAT_TOKEN: SECRET, DERBY_AUTHORIZATION: SECRET },
  });

/** One campaign and what the gate says of it. A trial that this machine made void decides nothing, and its facts stand. */
async function gated(project: string) {
  const words = ["chat-kill", "./derby", "--profile", "smoke", "--sessions", "24", "--no-calibrate"];
  const ran = await derby(project, TRIAL_LIMIT_MS, "run", ...words);
  const written = /^Report: {2}(.*)\/report\.html$/m.exec(ran.stdout)?.[1];
  expect(written, ran.stdout + ran.stderr).toBeDefined();
  const summary: Summary = JSON.parse(readFileSync(join(project, written ?? "", "summary.json"), "utf8"));
  const trial = summary.scenarios[0]?.results[0]?.trials[0];
  const gate = await derby(project, TRIAL_LIMIT_MS, "gate", written ?? "", "--policy", "derby/policy.json");
  // A trial may be void because this machine is shared; one that no machine could make valid would decide nothing, ever.
  expect(gate.stdout).not.toContain("is unknown");
  return { trial, gate, page: readFileSync(join(project, written ?? "", "report.html"), "utf8") };
}

/** Every file below a folder as text, with what was installed left out. */
const textsBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|\.venv/.test(entry.parentPath))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));

/** Each takes a minute. The first stands for all, unless all are asked for. */
const [FIRST] = Object.keys(FOREIGN);
const ALL = process.env.DERBY_FOREIGN === "all";

describe.each(Object.entries(FOREIGN))("%s", (name, foreign) => {
  const project = projectOf(foreign.folder);
  const missing = (foreign.prepare ?? []).find(([program]) => !program.includes("/") && onPath(program) === undefined);
  const why =
    ALL || name === FIRST
      ? missing && `there is no ${missing[0]} on this machine`
      : "a minute each; DERBY_FOREIGN=all runs it";
  const skipped = why === undefined ? "" : ` (skipped: ${why})`;

  it.skipIf(why !== undefined)(
    `goes from its folder to a green gate, and to a red one with a planted regression${skipped}`,
    { timeout: 2 * INSTALL_LIMIT_MS + CONFORM_LIMIT_MS + 4 * TRIAL_LIMIT_MS },
    async () => {
      cpSync(join(ROOT, "test/foreign", foreign.folder), project, { recursive: true });
      for (const [program, ...args] of foreign.prepare ?? [])
        expectSuccess(program, await run(program, args, { cwd: project, limitMs: INSTALL_LIMIT_MS }));
      await install(tarball, project);

      expectSuccess("init", await derby(project, CONFORM_LIMIT_MS, "init", ...foreign.init));
      const file = join(project, "derby/runner.json");
      const runner = JSON.parse(readFileSync(file, "utf8"));
      expect(runner.turn.answer).toEqual(foreign.answer);
      const lines = readFileSync(file, "utf8").split("\n");
      const mapping = lines.slice(lines.findIndex((line) => line.startsWith('  "turn": {')) + 1, -2);
      expect(mapping.length).toBeGreaterThan(1);
      expect(mapping.length).toBeLessThanOrEqual(MAPPING_LINES_MOST);
      const again = await derby(project, CONFORM_LIMIT_MS, "init", ...foreign.init);
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("derby/runner.json exists")]);

      const conform = await derby(project, CONFORM_LIMIT_MS, "conform", "./derby", "--json");
      expectSuccess("conform", conform);
      const { mayClaim } = JSON.parse(conform.stdout);
      expect(mayClaim).toEqual(foreign.mayClaim);
      writeFileSync(file, JSON.stringify({ ...runner, promises: mayClaim }));

      const green = await gated(project);
      expect(green.trial?.memory).toMatchObject({ forgotten: 0 });
      expect(green.trial?.memory.acknowledged).toBeGreaterThan(0);
      expect(green.gate.code, green.gate.stdout).toBe(green.trial?.validity.verdict === "valid" ? 0 : 3);
      expect(green.page).toContain("</html>");

      const [source, from, to] = foreign.regression;
      const text = readFileSync(join(project, source), "utf8");
      expect(text).toContain(from);
      writeFileSync(join(project, source), text.replace(from, to));
      const red = await gated(project);
      expect(red.trial?.memory.forgotten).toBeGreaterThan(0);
      expect(red.gate.code, red.gate.stdout).toBe(red.trial?.validity.verdict === "valid" ? 1 : 3);

      expect(textsBelow(project).filter((one) => one.includes(SECRET))).toEqual([]);
    },
  );
});
