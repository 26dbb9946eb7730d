import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drawCapsule, explainCapsule } from "../cli/explain.ts";
import { reportFolder } from "./bench.ts";
import { storyOf } from "./capsule/story.ts";
import { type Capsule, capsulesOf, renderCapsule } from "./capsule.ts";
import { answerOf, cleanKill, HistoryBuilder, planFor } from "./checkers/history-builder.ts";
import { HISTORY_FILES } from "./history.ts";
import { Campaign } from "./recordings.ts";
import { inputsOf, recorded, recordingOf, VOWED } from "./summarize/recording-builder.ts";

const { campaign, environment } = inputsOf([]);
const around = { campaign, environment, commandOf: () => "npm run bench -- kill some --seed 7" };
const capsulesFor = (builder: HistoryBuilder): ReadonlyMap<string, Capsule> => capsulesOf(recordingOf(builder), around);

/** The kill trial, with the first turn of session a lost. */
function lossy(): HistoryBuilder {
  const builder = cleanKill();
  builder.editRead("a", (turns) => turns.shift());
  return builder;
}
const only = (): Capsule => capsulesFor(lossy()).get("C1-a.json") as Capsule;

describe("a capsule", () => {
  test("is made for each failure and for nothing else", () => {
    expect([...capsulesFor(cleanKill()).keys()]).toEqual([]);
    expect([...capsulesFor(lossy()).keys()]).toEqual(["C1-a.json"]);
  });

  test("holds what is needed to look again: seed, schedule, settings, versions, evidence and the command", () => {
    expect(only()).toMatchObject({
      trial: "1-kill-some",
      status: "recorded",
      checker: "C1",
      session: "a",
      replay: "npm run bench -- kill some --seed 7",
      explain: "npx agent-derby explain trials/1-kill-some/capsules/C1-a.json",
      verdict: { result: false, violations: 1 },
      runner: { name: "some" },
      settings: { seed: 7, scenario: "kill", session: { id: "a", cohort: "chat" } },
      scenario: { asks: "What is left?" },
      versions: { node: "24.0.0", database: {} },
      faults: [
        {
          id: "f1",
          kind: "kill",
          firedMs: 5_000,
          landedMs: 5_005,
          readyMs: 5_200,
          proof: "gone from the process table",
        },
      ],
    });
  });

  test("holds every event of its session and of the trial, in the order of their stamps, with their lines", () => {
    const { driver, world, trial } = lossy().history();
    const { events } = only();
    const ofA = (event: object): boolean => "s" in event && event.s === "a";
    expect(events).toHaveLength(driver.filter(ofA).length + world.filter(ofA).length + trial.length);
    expect(events.map(({ event }) => event.t)).toEqual(events.map(({ event }) => event.t).sort((a, b) => a - b));
    for (const { w, at, event } of events) expect({ driver, world, trial }[w][at]).toEqual(event);
  });

  test("leaves out what was measured once a second, which is no story", () => {
    const builder = lossy();
    const sample = { appCpuMs: 1, appRssBytes: 1, storeCpuMs: 0, storeRssBytes: 0 };
    builder.trial.push({ e: "sample", t: 4_000, ...sample });
    const capsule = capsulesFor(builder).get("C1-a.json");
    expect(capsule?.events.some(({ event }) => event.e === "sample")).toBe(false);
  });

  test("is made of at most five sessions a claim", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const builder = new HistoryBuilder(
      planFor(Object.fromEntries(names.map((name) => [name, "chat"])), { faults: [] }),
    );
    builder.phases({ warmup: 0, calm: 500, proof: 8_900, end: 15_000 });
    for (const name of names) builder.turn(name, 1, 1_000, []).proof(name, 2, 9_000, [1]).read(name, 9_500, {});
    const broken = [...capsulesFor(builder).keys()];
    expect(broken).toEqual(["C1-a.json", "C1-b.json", "C1-c.json", "C1-d.json", "C1-e.json"]);
  });

  test("without a session in its evidence tells of the trial alone", () => {
    const builder = cleanKill();
    builder.trial.push({ e: "clean", t: 16_000, processes: 1, ports: 0, mounts: 0, directories: 0, left: ["node"] });
    const capsule = capsulesFor(builder).get("C16.json");
    expect(capsule?.session).toBeNull();
    expect(capsule?.events.every(({ w }) => w === "trial")).toBe(true);
  });

  test("reads back as what was written", () => {
    expect(JSON.parse(renderCapsule(only()))).toEqual(JSON.parse(JSON.stringify(only())));
  });
});

describe("its story", () => {
  const story = storyOf(only());

  test("begins with the claim and ends with how to repeat it", () => {
    expect(story[0]).toMatch(
      /^C1 is broken in trial 1-kill-some of some, session a: "Every acknowledged turn is kept\."/,
    );
    expect(story.at(-1)).toBe("Repeat the trial with: npm run bench -- kill some --seed 7");
  });

  test("says when, who and what, line by line", () => {
    expect(story).toContain("    1000.000  driver  turn 1, attempt 1 leaves");
    expect(story).toContain(
      "    1315.000  world   turn 1, step 1, call 0: start 1 calls save_note upon purchase 1, key a.1",
    );
    expect(story).toContain("    5003.000  trial   server ends: start 1, SIGKILL");
    expect(story).toContain("    5003.000  world   turn 2, step 1: purchase 1 ends (aborted) after 5 tokens");
    expect(story).toContain(`    5980.000  driver  turn 2, attempt 3 is answered: ${answerOf("a", 2, 2)}`);
  });

  test("marks the evidence where it stands", () => {
    const place = story.findIndex((line) => line.includes("a read begun at 9500"));
    expect(story[place + 1]).toContain("^^^^^^  The final read of a lacks turn 1");
  });
});

describe("on disk", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "agent-derby-capsule-"));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  /** A campaign of one recorded trial. */
  function store(builder: HistoryBuilder): Campaign {
    const { plan } = builder;
    const rest = { recorded: "2025-01-01", prices: { input: 1, output: 1 }, postgres: "embedded", pinned: true };
    const stored = Campaign.create(parent, { ...campaign, trials: [plan] }, rest);
    stored.write("environment.json", environment);
    stored.write("contestants.json", [{ ...recordingOf(builder).contestant, promises: VOWED }]);
    stored.writeOutcome(plan.id, recorded);
    write(stored, builder);
    return stored;
  }
  function write(stored: Campaign, builder: HistoryBuilder): void {
    const history = builder.history();
    for (const witness of ["driver", "world", "trial"] as const) {
      const lines = history[witness].map((event) => `${JSON.stringify(event)}\n`);
      writeFileSync(join(stored.trialFolder(builder.plan.id), HISTORY_FILES[witness]), lines.join(""));
    }
  }

  test("a report writes capsules beside the recording, and the same bytes again", async () => {
    const stored = store(lossy());
    await reportFolder(stored.folder);
    const files = stored.capsules("1-kill-some");
    expect(files).toEqual([join("trials", "1-kill-some", "capsules", "C1-a.json")]);
    const file = join(stored.folder, files[0] ?? "");
    const before = readFileSync(file, "utf8");
    expect(before).not.toContain(parent);
    await reportFolder(stored.folder);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(explainCapsule(file)).toContain("session a");
  });

  test("capsules of failures that are none any more go, and the recording stays", async () => {
    const stored = store(lossy());
    await reportFolder(stored.folder);
    write(stored, cleanKill());
    await reportFolder(stored.folder);
    expect(stored.capsules("1-kill-some")).toEqual([]);
    expect(existsSync(join(stored.trialFolder("1-kill-some"), "capsules"))).toBe(false);
    expect(readdirSync(stored.trialFolder("1-kill-some"))).toContain("driver.ndjson");
  });

  test("is drawn as a page of its own, the same bytes again", () => {
    const [file, page] = [join(parent, "C1-a.json"), join(parent, "lane.html")];
    writeFileSync(file, renderCapsule(only()));
    drawCapsule(file, page);
    const before = readFileSync(page, "utf8");
    expect(before).toContain('<svg class="lane"');
    expect(before).toContain("The final read of a lacks turn 1");
    drawCapsule(file, page);
    expect(readFileSync(page, "utf8")).toBe(before);
    expect(() => drawCapsule(file, join(parent, "nowhere", "lane.html"))).toThrow(/cannot be written/);
  });

  test("a file that is none is refused with a sentence", () => {
    const file = join(parent, "other.json");
    writeFileSync(file, "{}");
    expect(() => explainCapsule(file)).toThrow(/is no capsule/);
    expect(() => explainCapsule(join(parent, "missing.json"))).toThrow(/cannot be read/);
  });
});
