import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "./errors.ts";
import { scratchFolder } from "./processes/testing/scratch.ts";
import { contestants, findRunner, installedApart, loadRunners, resolveRunner, variantsOf } from "./runner-check.ts";
import { checkRunnerFile } from "./runner-shape.ts";

const SERVER = { name: "server", role: "app", command: ["node", "server.ts"], serves: true, world: true };
const GOOD = {
  runtime: "Beam",
  language: "Elixir",
  home: "https://example.org",
  processes: [SERVER],
  promises: { effects: "at-least-once", readable: true },
  deviations: ["one"],
  recovery: [
    { what: "lease", value: "30 s" },
    { what: "restarts", value: "5 in 10 s" },
  ],
  variants: {
    defaults: {},
    tuned: {
      env: { HEAP: "1" },
      promises: { effects: "at-most-once" },
      deviations: ["two"],
      recovery: [{ what: "lease", value: "5 s" }],
    },
  },
};

/** A folder of runners; each value is what its runner.json holds, null for a folder without one. */
function runnersOf(files: Readonly<Record<string, unknown>>): string {
  const parent = scratchFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(parent, name));
    if (content !== null)
      writeFileSync(join(parent, name, "runner.json"), typeof content === "string" ? content : JSON.stringify(content));
  }
  return parent;
}

test("folders with a runner.json are runners, others are not, and defaults are filled in", () => {
  const folder = runnersOf({ beam: GOOD, kit: null });
  const [beam, ...others] = loadRunners([folder]);
  expect(others).toEqual([]);
  expect(beam).toMatchObject({ name: "beam", folder: join(folder, "beam"), variantEnv: {}, deviations: ["one"] });
  expect(beam?.processes).toEqual([{ ...SERVER, ports: ["http"], ready: "GET :http/healthz" }]);
});

test("a variant adds its environment and deviations and replaces promises and defaults for recovery", () => {
  const folder = runnersOf({ beam: GOOD });
  expect(resolveRunner("beam:tuned", [folder])).toMatchObject({
    name: "beam:tuned",
    variantEnv: { HEAP: "1" },
    promises: { effects: "at-most-once", readable: true },
    deviations: ["one", "two"],
    recovery: [
      { what: "lease", value: "5 s" },
      { what: "restarts", value: "5 in 10 s" },
    ],
  });
  expect(resolveRunner("beam", [folder]).recovery).toEqual(GOOD.recovery);
  expect(checkRunnerFile({ ...GOOD, recovery: [{ what: "lease" }, ...GOOD.recovery] })).toEqual([
    "recovery[0].value: expected a text, got nothing.",
    'recovery: expected each `what` once, got "lease".',
  ]);
  expect(resolveRunner(`${folder}/beam:defaults`).name).toBe("beam:defaults");
  expect(resolveRunner(`${folder}/beam`).name).toBe("beam");
});

test("unknown names list what exists and offer the nearest; looking alone finds nothing", () => {
  const folder = runnersOf({ beam: GOOD, async: GOOD });
  expect(() => resolveRunner("baem", [folder])).toThrow(
    'Unknown runner "baem". Did you mean "beam"? Known: async, beam.',
  );
  expect(() => resolveRunner("beam:tunde", [folder])).toThrow(
    'Unknown variant of beam "tunde". Did you mean "tuned"? Known: defaults, tuned.',
  );
  expect(() => resolveRunner("./no/such/folder")).toThrow("There is no runner.json in ./no/such/folder.");
  expect(findRunner("kill", [folder])).toBeUndefined();
  expect(findRunner("./scenario.ts", [folder])).toBeUndefined();
});

test("contestants leave out who declines", () => {
  const folder = runnersOf({ beam: GOOD, canary: { ...GOOD, contestant: false } });
  expect(contestants([folder]).map(({ name }) => name)).toEqual(["beam"]);
});

test("a variant may need, install, start and be called something else", () => {
  const install = { check: ["true"], how: "it is there" };
  const own = { check: ["false"], how: "build it", steps: [["make"]] };
  const other = {
    runtime: "Other",
    home: "https://other.org",
    needs: ["postgres"],
    install: own,
    commands: { server: ["other", "{port.http}"] },
  };
  const folder = runnersOf({ beam: { ...GOOD, install, variants: { other, plain: {} } } });
  const [plain, changed] = [resolveRunner("beam:plain", [folder]), resolveRunner("beam:other", [folder])];
  expect(plain).toMatchObject({ runtime: "Beam", home: GOOD.home, install, processes: [SERVER] });
  expect(plain.needs).toBeUndefined();
  const { commands, ...replaced } = other;
  expect(changed).toMatchObject({ ...replaced, processes: [{ ...SERVER, command: commands.server }] });
  expect(changed.processes[0]?.ready).toBe("GET :http/healthz");
  const beam = resolveRunner("beam", [folder]);
  expect(variantsOf(beam)).toEqual([changed, plain]);
  expect(installedApart(beam)).toEqual([changed]);
});

test("the problems of all files come at once, each with its file", () => {
  const folder = runnersOf({
    a: "{ no json",
    b: { ...GOOD, runtime: 7, langauge: "x" },
    c: { ...GOOD, processes: [] },
  });
  let problems: readonly string[] = [];
  try {
    loadRunners([folder]);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    problems = (error as UsageError).problems;
  }
  expect(problems[0]).toMatch(/^a\/runner.json: expected JSON: /);
  expect(problems).toContain(
    'b/runner.json: top level: Unknown key "langauge". Did you mean "language"? Known: runtime, language, home, processes, setup, needs, localTools, promises, variants, deviations, recovery, budget, redeploy, version, install, image, turn, contestant.',
  );
  expect(problems).toContain("b/runner.json: runtime: expected a text, got 7.");
  expect(problems).toContain("c/runner.json: processes: expected at least one process, got [].");
  expect(problems).toHaveLength(4);
});

const server = (changes: object) => ({ ...GOOD, processes: [{ ...SERVER, ...changes }] });
const turn = (changes: object) => ({
  ...GOOD,
  turn: { request: "POST /chat", body: {}, answer: { text: "$.text" }, ...changes },
});

test.each([
  ["no object at all", [], ["the file: expected an object, got []."]],
  ["a missing promise block", { ...GOOD, promises: undefined }, ["promises: expected an object, got nothing."]],
  [
    "a promise that nobody knows",
    { ...GOOD, promises: { readabel: true } },
    [/promises: Unknown key "readabel". Did you mean "readable"/],
  ],
  [
    "a promise with a value of another",
    { ...GOOD, promises: { effects: "joined", compacts: "yes" } },
    [/promises.effects: Unknown effects "joined"/, 'promises.compacts: expected true or false, got "yes".'],
  ],
  ["nobody serves", server({ serves: false }), ['processes: expected exactly one process with "serves": true, got 0.']],
  [
    "two serve, under one name, on one port",
    { ...GOOD, processes: [SERVER, SERVER] },
    [/exactly one process/, 'processes: two are named "server".', /port "http" is declared twice/],
  ],
  ["an unknown role", server({ role: "ap" }), [/processes\[0\].role: Unknown role "ap". Did you mean "app"/]],
  [
    "an empty command",
    server({ command: [] }),
    ["processes[0].command: expected a program and its arguments, got []."],
  ],
  [
    "readiness in another form",
    server({ ready: "http://x/health" }),
    ['processes[0].ready: expected the form "GET :port/path" or "TCP :port", got "http://x/health".'],
  ],
  [
    "readiness on an undeclared port",
    server({ ready: "GET :admin/health" }),
    ['processes[0].ready: expected one of the ports http, got "admin".'],
  ],
  [
    "an undeclared port in a command",
    server({ command: ["x", "{port.htp}"] }),
    [/processes\[0\].command: expected the name of a port \(http\), got "\{port.htp\}"/],
  ],
  [
    "an unknown place in a variable",
    server({ env: { A: "{env.}", B: 1 } }),
    [/env.B: expected a text/, /expected \{port.NAME\}, \{dataDir\} or \{env.NAME\}, got "\{env.\}"/],
  ],
  [
    "replicas that are no number",
    server({ replicas: "2" }),
    ['processes[0].replicas: expected a whole number from 1 to 100, got "2".'],
  ],
  [
    "an unknown need or local tool",
    { ...GOOD, needs: ["redis"], localTools: ["fly"] },
    [/needs: expected a list of "postgres", got "redis"/, /localTools: expected names out of parse_document/],
  ],
  [
    "a redeploy without an environment, or with more than that",
    { ...GOOD, redeploy: { command: [] } },
    [/redeploy: Unknown key "command"/, "redeploy.env: expected an object of texts, got nothing."],
  ],
  [
    "a redeploy with an unknown place",
    { ...GOOD, redeploy: { env: { A: "{port.htp}" } } },
    [/redeploy.env: expected the name of a port \(http\)/],
  ],
  [
    "an install block without a way",
    { ...GOOD, install: { check: ["x"] } },
    ["install.how: expected a text, got nothing."],
  ],
  [
    "an install block with steps that are no commands",
    { ...GOOD, install: { check: [], how: "", steps: [["make"], [], "make"] } },
    [
      "install.check: expected a program and its arguments, got [].",
      'install.how: expected a text, got "".',
      "install.steps[1]: expected a program and its arguments, got [].",
      'install.steps[2]: expected a program and its arguments, got "make".',
    ],
  ],
  [
    "an install block without any step in its steps",
    { ...GOOD, install: { check: ["x"], how: "x", steps: [] } },
    ["install.steps: expected a list of commands, got []."],
  ],
  [
    "a variant whose installation, need or name is none",
    { ...GOOD, variants: { other: { install: { how: "x" }, needs: ["redis"], runtime: 1 } } },
    [
      "variants.other.runtime: expected a text, got 1.",
      'variants.other.needs: expected a list of "postgres", got "redis".',
      "variants.other.install.check: expected a list of names, got nothing.",
    ],
  ],
  [
    "a variant that starts a process which the runner does not have, or nothing, or on a port that is none",
    {
      ...GOOD,
      variants: {
        a: { commands: { sever: ["x"] } },
        b: { commands: { server: [] } },
        c: { commands: { server: ["{port.htp}"] } },
      },
    },
    [
      'variants.a.commands: Unknown process "sever". Did you mean "server"? Known: server.',
      "variants.b.commands.server: expected a program and its arguments, got [].",
      /^variants.c.commands.server: expected the name of a port \(http\)/,
    ],
  ],
  [
    "a variant that changes more than it may",
    { ...GOOD, variants: { fast: { command: [] } } },
    [/variants.fast: Unknown key "command"/],
  ],
  [
    "a mapping whose request is none",
    turn({ request: "/chat", answer: {} }),
    ['turn.request: expected the form "POST /path", got "/chat".', "turn.answer.text: expected a text, got nothing."],
  ],
  [
    "a mapping with a wrong key and statuses",
    turn({ key: { header: "K" }, refused: "409" }),
    [/turn.refused: expected a list of HTTP statuses/, "turn.key.value: expected a text, got nothing."],
  ],
])("%s is a problem", (_sentence, content, expected) => {
  const problems = checkRunnerFile(content);
  expect(problems).toHaveLength(expected.length);
  for (const [index, sentence] of expected.entries()) {
    if (typeof sentence === "string") expect(problems[index]).toBe(sentence);
    else expect(problems[index]).toMatch(sentence);
  }
});

test("JSON in an argument is no place to fill in", () => {
  expect(
    checkRunnerFile(server({ command: ["x", '{"a": 1}', "{dataDir}", "{env.MEMORY_MB}", "{port.http}"] })),
  ).toEqual([]);
});

test("our own runners are without problems", () => {
  expect(loadRunners().length).toBeGreaterThan(0);
});

test("the parts of a turn are those of the runner itself, since a variant may be made of others", () => {
  const folder = runnersOf({ beam: { ...GOOD, budget: { turn: { perTurn: 1 } } } });
  expect(resolveRunner("beam", [folder]).budget).toEqual({ turn: { perTurn: 1 } });
  expect(resolveRunner("beam:tuned", [folder])).not.toHaveProperty("budget");
});
