import { describe, expect, it } from "vitest";
import { UsageError } from "../harness/errors.ts";
import { FlagProblems, integerFlag, postgresFlag, priceFlag } from "./flags.ts";
import { benchOptions } from "./run-options.ts";

/** The problems that reading a value notes. */
function problemsOf(read: (problems: FlagProblems) => unknown): readonly string[] {
  const problems = new FlagProblems();
  try {
    read(problems);
    problems.finish();
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
}

describe("integers", () => {
  it.each([
    ["0", false],
    ["1", true],
    ["100", true],
    ["101", false],
    ["1.5", false],
    ["-1", false],
    ["1e1", false],
    ["", false],
    [" 5", false],
    ["five", false],
  ])("%j is accepted as 1 to 100: %s", (given, accepted) => {
    const problems = problemsOf((found) => integerFlag(found, "--blocks", given, 1, 100));
    expect(problems).toEqual(accepted ? [] : [`--blocks takes a whole number from 1 to 100, not "${given}".`]);
  });

  it("a flag that was not given is undefined and no problem", () => {
    expect(problemsOf((found) => expect(integerFlag(found, "--blocks", undefined, 1, 100)).toBeUndefined())).toEqual(
      [],
    );
  });
});

describe("prices", () => {
  it.each([
    ["in=3,out=15", { input: 3, output: 15 }],
    ["out=0.5, in=0", { input: 0, output: 0.5 }],
  ])("%j is read", (given, prices) => {
    const problems = new FlagProblems();
    expect(priceFlag(problems, given)).toEqual(prices);
    problems.finish();
  });

  it.each(["", "3", "in=3", "out=15", "in=3,out=-1", "in=3,in=3", "in=3,out=15,cached=1", "in=,out="])(
    "%j is refused",
    (given) => {
      expect(problemsOf((found) => priceFlag(found, given))).toHaveLength(1);
    },
  );
});

describe("where Postgres comes from", () => {
  it.each(["embedded", "docker", "postgres://me@127.0.0.1/db", "postgresql://h:5432/db"])("%j is accepted", (given) => {
    expect(problemsOf((found) => postgresFlag(found, given))).toEqual([]);
  });

  it("an address of another database is refused without repeating its password", () => {
    const [problem] = problemsOf((found) => postgresFlag(found, "mysql://me:secret@db.example/x"));
    expect(problem).toContain("mysql://db.example");
    expect(problem).not.toContain("secret");
  });
});

describe("options of a run", () => {
  it("lists every problem at once", () => {
    const flags = {
      sessions: "many",
      blocks: "0",
      profile: "smok",
      price: "3",
      postgres: "mysql",
      seed: " ",
    };
    const problems = problemsOf(() => benchOptions([], flags));
    expect(problems).toHaveLength(6);
    expect(problems.join("\n")).toContain('Did you mean "smoke"?');
  });

  it("a stored plan is not mixed with flags that would change it", () => {
    expect(() => benchOptions(["kill"], { resume: "results/a", seed: "1" })).toThrow(
      "--resume continues the plan that was stored, so leave out kill, --seed.",
    );
  });

  it("--until finds the number of blocks, within a budget of an hour unless told", () => {
    expect(benchOptions([], { until: "5" })).toMatchObject({ until: { percent: 5, budgetMinutes: 60 } });
    expect(benchOptions([], { until: "5", budget: "600" }).until?.budgetMinutes).toBe(600);
    expect(() => benchOptions([], { until: "5", blocks: "9" })).toThrow(
      "--until finds the number of blocks by itself, so leave out --blocks.",
    );
    expect(() => benchOptions([], { budget: "9" })).toThrow("--budget limits --until PERCENT, which is not given");
    expect(() => benchOptions([], { resume: "results/a", until: "5", budget: "9" })).toThrow(
      "so leave out --until, --budget.",
    );
    expect(problemsOf(() => benchOptions([], { until: "0" }))).toEqual([
      '--until takes a whole number from 1 to 100, not "0".',
    ]);
  });

  it("what was not given stays undefined, so that the harness draws or decides it", () => {
    expect(benchOptions(["kill"], {})).toEqual({
      filters: ["kill"],
      profile: "default",
      postgres: "embedded",
      price: { input: 3, output: 15 },
      pin: true,
      invocation: "npm run bench --",
    });
  });
});
