/** `init` as somebody meets it in a repository of their own: what it writes, what it refuses, and that it leaves nothing behind then. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { checkPolicy } from "../../harness/gate/policy.ts";
import { takePorts } from "../../harness/processes/ports.ts";
import { resolveRunner } from "../../harness/runner-check.ts";
import { ROOT } from "../sources.ts";
import { run } from "./commands.ts";

const CURL = `curl localhost:3000/chat -H 'X-Api-Key: abc-123' -d '{"id":"{session}","text":"{input}"}'`;

function repository(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "init-command-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const NODE = {
  "package.json": '{"name":"shop-chat","homepage":"https://shop.example","scripts":{"start":"node app.js"}}',
};
const init = (cwd: string, ...args: readonly string[]) =>
  run(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), "init", ...args], { cwd });

describe("init --curl", () => {
  it("writes a runner, a policy, a workflow and a page, without the secrets of the command", async () => {
    const folder = repository(NODE);
    const { code, stdout, stderr } = await init(folder, "--curl", CURL, "--answer", "$.reply", "--sse");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("set DERBY_X_API_KEY in the environment");
    expect(resolveRunner(join(folder, "derby"))).toMatchObject({
      runtime: "shop-chat",
      home: "https://shop.example",
      promises: {},
      turn: {
        request: "POST /chat",
        headers: { "x-api-key": "{env.DERBY_X_API_KEY}" },
        answer: { text: "$.reply", sse: "data" },
      },
    });
    checkPolicy(JSON.parse(readFileSync(join(folder, "derby/policy.json"), "utf8")), "policy.json");
    const workflow = parse(readFileSync(join(folder, ".github/workflows/agent-derby.yml"), "utf8"));
    const step = workflow.jobs.derby.steps.at(-1);
    expect(Object.keys(step.with).filter((input) => !(input in action().inputs))).toEqual([]);
    expect(existsSync(join(folder, step.with.policy))).toBe(true);
    expect(step.env).toEqual({ DERBY_X_API_KEY: ["$", "{{ secrets.DERBY_X_API_KEY }}"].join("") });
    for (const path of readdirSync(join(folder, "derby")))
      expect(readFileSync(join(folder, "derby", path), "utf8")).not.toContain("abc-123");
  });

  it("touches no file that exists, and writes none of the others then", async () => {
    const folder = repository({ ...NODE, "derby/policy.json": "mine" });
    const { code, stderr } = await init(folder, "--curl", CURL, "--answer", "$.reply");
    expect([code, stderr]).toEqual([2, "agent-derby: derby/policy.json exists, and is not overwritten.\n"]);
    expect(readdirSync(join(folder, "derby"))).toEqual(["policy.json"]);
    expect(existsSync(join(folder, ".github"))).toBe(false);
  });

  it("leaves nothing behind when the backend does not start", async () => {
    const folder = repository(NODE);
    const { code, stderr } = await init(folder, "--curl", CURL, "--start", "sh -c 'echo no database; exit 1'");
    expect([code, stderr]).toEqual([2, expect.stringContaining("no database")]);
    expect(readdirSync(folder)).toEqual(["package.json"]);
  });

  it("says so when the backend does not ask the scripted model, or changes its words", async () => {
    const server = (answer: string): string => `
      import { createServer } from "node:http";
      createServer(async (request, response) => {
        const [, , text] = /"(text)":"(.*?)"/.exec(await new Response(request).text());
        const body = JSON.stringify({ model: "any", messages: [{ role: "user", content: text }] });
        const model = process.env.OPENAI_BASE_URL + "/chat/completions";
        response.end(${answer});
      }).listen(process.env.PORT, "127.0.0.1");`;
    const asked = 'await (await fetch(model, { method: "POST", body })).json()';
    for (const [answer, problem] of [
      ["'hello'", /answered without having asked the scripted model[\s\S]*--model-env NAME/],
      [`(${asked}).choices[0].message.content.toUpperCase()`, /words do not stand in the answer[\s\S]*--answer/],
    ] as const) {
      const folder = repository({ ...NODE, "app.mjs": server(answer) });
      const { code, stderr } = await init(folder, "--curl", CURL, "--start", "node app.mjs");
      expect(stderr).toMatch(problem);
      expect(code).toBe(2);
      expect(existsSync(join(folder, "derby"))).toBe(false);
    }
  });

  it.each([
    [["--curl", "curl localhost"], /sends no body/],
    [["--curl", CURL, "--env", "OPENAI_API_KEY=sk-1"], /OPENAI_API_KEY looks like a secret and would be written/],
    [["--curl", CURL, "--env", "novalue"], /--env takes NAME=VALUE/],
    [["--curl", CURL, "--ready", "health"], /expected the form "GET :port\/path"/],
    [["--curl", CURL, "--template", "go"], /Give one of two/],
    [[], /Give one of two/],
    [["--template", "pyton"], /Unknown template "pyton".*"python"/],
  ])("refuses %j with what is wrong", async (args, problem) => {
    const folder = repository(NODE);
    const { code, stderr } = await init(folder, ...args);
    expect(stderr).toMatch(problem);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual(["package.json"]);
  });
});

describe("init --template", () => {
  it("writes a runner with its kit, once", async () => {
    const folder = repository(NODE);
    const { code, stdout } = await init(folder, "--template", "python");
    expect(code).toBe(0);
    expect(stdout).toContain("wrote derby/agent/runner.json\n");
    expect(resolveRunner(join(folder, "derby/agent"))).toMatchObject({
      name: "agent",
      runtime: "shop-chat",
      language: "Python",
    });
    const again = await init(folder, "--template", "python");
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("derby/agent/runner.json exists")]);
  });
});

describe("conform --attach", () => {
  it.each([
    [["async", "--attach", "http://127.0.0.1:9"], /needs --world-port/],
    [["async", "go", "--attach", "http://127.0.0.1:9", "--world-port", "9999"], /takes one runner/],
    [["async", "--attach", "localhost:9", "--world-port", "9999"], /takes an address like http/],
    [
      ["async", "--attach", "http://127.0.0.1:9", "--world-port", "9999", "--bind", "everywhere"],
      /takes an IP address/,
    ],
    [["async", "--bind", "0.0.0.0"], /leave them out without it/],
  ])("refuses %j with what is wrong", async (args, problem) => {
    const { code, stderr } = await run(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), "conform", ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(problem)]);
  });

  it("says where the backend's model has to be, warns of an address that others reach, and that nobody answers", async () => {
    const [port = 0, worldPort = 0] = await takePorts(2);
    const args = ["async", "--attach", `http://127.0.0.1:${port}`, "--world-port", `${worldPort}`, "--bind", "0.0.0.0"];
    const command = [join(ROOT, "bin/agent-derby.mjs"), "conform", ...args];
    const { code, stderr } = await run(process.execPath, command);
    expect(stderr).toContain(`Its model has to be at http://THIS-MACHINE:${worldPort}/i/1/v1`);
    expect(stderr).toContain("Warning: the scripted model listens on 0.0.0.0");
    expect(stderr).toContain(`Nothing takes connections at http://127.0.0.1:${port}.`);
    expect(code).toBe(2);
  });
});

function action(): { readonly inputs: object } {
  return parse(readFileSync(join(ROOT, "action.yml"), "utf8"));
}
