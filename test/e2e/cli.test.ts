/** The command line as people meet it: what they mistype comes back as sentences, with exit code 2 and without a stack. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "../sources.ts";
import { run, start } from "./commands.ts";

const elsewhere = mkdtempSync(join(tmpdir(), "cli-test-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

/** Runs a command in an empty folder, so that nobody's results are read or changed. */
const derby = (...args: string[]) =>
  run(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), ...args], { cwd: elsewhere });

const NO_RESULTS = "There are no results here yet; make some with: npm run bench";
const mistakes: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a command that does not exist", ["lst"], ['Unknown command "lst". Did you mean "list"?']],
  ["a flag that does not exist", ["run", "--sed", "3"], ['Unknown option "--sed". Did you mean "--seed"?']],
  ["a flag without its value", ["run", "--seed"], ['Option "--seed <text>" argument missing.']],
  ["an argument that is missing", ["chat"], ['Missing required argument "runner".']],
  [
    "an argument too many",
    ["report", "a", "b"],
    ['Too many arguments for "report". Expected 1 argument but got 2: a, b.'],
  ],
  [
    "several wrong values at once",
    ["run", "--sessions", "0", "--blocks", "x", "--price", "3", "--postgres", "mysql"],
    [
      '--sessions takes a whole number from 1 to 100,000, not "0".',
      '--blocks takes a whole number from 1 to 100, not "x".',
      '--postgres takes "embedded", "docker" or an address like postgres://user@127.0.0.1:5432/postgres, not "mysql".',
      '--price takes dollars per million tokens as in=3,out=15, not "3".',
    ],
  ],
  [
    "an unknown profile",
    ["plan", "--profile", "smok"],
    ['Unknown profile "smok". Did you mean "smoke"? Known: smoke, default, gate, full.'],
  ],
  [
    "an unknown list",
    ["list", "fault"],
    ['Unknown list "fault". Did you mean "faults"? Known: scenarios, runners, profiles, faults, checkers, promises.'],
  ],
  ["no results", ["report"], [NO_RESULTS]],
  ["no results to explain", ["explain", "1-kill-async"], [NO_RESULTS]],
  [
    "a folder without a campaign",
    ["judge", "nowhere"],
    ["nowhere holds no campaign.json. There is no recorded campaign."],
  ],
  [
    "a comparison of one thing",
    ["compare", "results/a"],
    [
      "compare takes two campaigns (compare A B), or a campaign and two of its contestants (compare DIR RUNNER_A RUNNER_B), not results/a.",
    ],
  ],
  [
    "a comparison with what is no campaign",
    ["compare", "nowhere", "elsewhere"],
    ["nowhere holds no campaign.json. There is no recorded campaign."],
  ],
  [
    "a resumed campaign with another seed",
    ["run", "--resume", "a", "--seed", "1"],
    ["--resume continues the plan that was stored, so leave out --seed."],
  ],
  [
    "a port that needs root",
    ["world", "--port", "80"],
    ['--port takes a whole number from 1,024 to 65,535, not "80".'],
  ],
];

describe("mistakes", () => {
  it.each(mistakes)("%s", async (_what, args, sentences) => {
    const { code, stdout, stderr } = await derby(...args);
    expect(stderr).toBe(sentences.map((sentence) => `agent-derby: ${sentence}\n`).join(""));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it.each([
    ["run", "kil", 'Unknown scenario or runner "kil". Did you mean "kill"?'],
    ["plan", "asynk", 'Unknown scenario or runner "asynk". Did you mean "async"?'],
    ["chat", "asynk", 'Unknown runner "asynk". Did you mean "async"?'],
    ["conform", "refrence", 'Unknown runner "refrence". Did you mean "reference"?'],
    ["setup", "refrence", 'Unknown runner "refrence". Did you mean "reference"?'],
  ])("%s %s offers the nearest name and lists what exists", async (command, name, beginning) => {
    const { code, stderr } = await derby(command, name);
    expect(stderr).toMatch(/ Known: (\w[\w-]*, )+\w[\w-]*\.\n$/);
    expect(stderr.startsWith(`agent-derby: ${beginning}`)).toBe(true);
    expect(code).toBe(2);
  });
});

describe("what exists", () => {
  it("without arguments the commands are listed", async () => {
    const { code, stdout } = await derby();
    for (const command of [
      "run",
      "plan",
      "report",
      "judge",
      "compare",
      "explain",
      "list",
      "conform",
      "doctor",
      "setup",
      "calibrate",
      "world",
      "chat",
      "clean",
    ])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(code).toBe(0);
  });

  it("list shows scenarios, runners, profiles, faults, checkers and promises", async () => {
    const { code, stdout } = await derby("list");
    for (const entry of ["kill", "async", "smoke", "C1", "durable-turns"])
      expect(stdout).toMatch(new RegExp(`^${entry} `, "m"));
    expect(code).toBe(0);
  });

  it("the same seed gives the same plan, another seed another", async () => {
    const plan = (seed: string) => derby("plan", "kill", "async", "--profile", "smoke", "--seed", seed, "--json");
    const [first, again, other] = [await plan("1"), await plan("1"), await plan("2")];
    expect(first.code).toBe(0);
    expect(first.stdout).toBe(again.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });
});

describe("what is not installed", () => {
  /** A copy of a runner whose check says no until its step, or somebody, has made the file `there`. */
  function missingRunner(steps?: readonly (readonly string[])[]): string {
    const folder = join(mkdtempSync(join(elsewhere, "runners-")), "missing");
    mkdirSync(folder);
    const file = JSON.parse(readFileSync(join(ROOT, "runners/reference/runner.json"), "utf8"));
    const install = { check: ["test", "-e", "there"], how: "Run `touch there`.", steps };
    writeFileSync(join(folder, "runner.json"), JSON.stringify({ ...file, install }));
    return folder;
  }

  it.each([["run", "kill"], ["plan", "kill"], ["conform"], ["chat"]])(
    "%s refuses it and says how it gets there",
    async (...command) => {
      const { code, stderr } = await derby(...command, missingRunner());
      expect(stderr).toBe("agent-derby: missing is not installed: Run `touch there`.\n");
      expect(code).toBe(2);
    },
  );

  it("setup runs its steps, asks again, goes on after one that fails, and is only content when all are there", async () => {
    const [good, bad] = [missingRunner([["touch", "there"]]), missingRunner([["sh", "-c", "echo no wool; exit 3"]])];
    const { code, stdout } = await derby("setup", bad, good, "reference");
    expect(stdout.split("\n").filter((line) => !line.startsWith("─"))).toEqual([
      "missing: sh -c echo no wool; exit 3",
      "no wool",
      "missing: touch there",
      "runner     installed  what happened",
      'missing    no         "sh -c echo no wool; exit 3" ended with exit code 3',
      "missing    yes        installed",
      "reference  yes        nothing to install",
      "",
    ]);
    expect(code).toBe(2);
    expect((await derby("setup", good)).code).toBe(0);
  });

  it("setup without a name lists what could be set up, and installs nothing", async () => {
    const { code, stdout } = await derby("setup");
    expect(stdout).toMatch(/^runner +installed +how$/m);
    expect(stdout).toMatch(/^async:bun +(yes|no) +Bun /m);
    expect(code).toBe(0);
  });
});

describe("by hand", () => {
  it("doctor answers line by line and really starts Postgres", async () => {
    const { code, stdout } = await derby("doctor");
    const lines = stdout.split("\n").filter((line) => /^(ok|absent|warning|PROBLEM) /.test(line));
    const subjects = lines.map((line) => /^\S+ +(open files|real time|\S+)/.exec(line)?.[1]);
    expect([...new Set(subjects)]).toEqual([
      "Node",
      "cores",
      "real time",
      "memory",
      "open files",
      "disk",
      "ports",
      "Postgres",
      "runners",
    ]);
    expect(lines.find((line) => line.includes(" Postgres "))).toMatch(/^ok +Postgres +\d+\.\d+ starts, fsync on$/);
    expect(code).toBe(lines.some((line) => line.startsWith("PROBLEM")) ? 2 : 0);
  });

  it("chat makes a turn of each line of a pipe, and the runner remembers", async () => {
    const { code, stdout } = await run(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), "chat", "reference"], {
      cwd: elsewhere,
      input: "hello\n\nhello again\n",
    });
    expect(stdout.match(/ L_hand_\d_\w+$/gm)).toHaveLength(2);
    expect(stdout.match(/, 2 model calls \(\d+ tokens\), save_note$/gm)).toHaveLength(2);
    expect(code).toBe(0);
  });

  it("world serves until it is stopped, and refuses a port that is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const refused = await derby("world", "--port", String(port));
    expect(refused.stderr).toMatch(
      new RegExp(`^agent-derby: Port ${port} on 127\\.0\\.0\\.1, wanted for the World, is taken\\.`),
    );
    expect(refused.code).toBe(2);
    holder.close();

    const { child, text, ended } = start(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), "world"], {
      cwd: elsewhere,
    });
    await once(child.stdout, "data");
    const request = /^curl -N (\S+) .* -d '(.*)'$/m.exec(text.stdout);
    const answer = await fetch(request?.[1] ?? "", {
      method: "POST",
      body: request?.[2] ?? "",
      headers: { "content-type": "application/json" },
    });
    expect(await answer.text()).toContain("data: [DONE]");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 130, stderr: "Ending the World.\n" });
  });
});
