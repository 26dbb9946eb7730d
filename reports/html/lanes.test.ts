import { describe, expect, test } from "vitest";
import type { Lane } from "../../harness/summarize/lane.ts";
import type { Summary } from "../../harness/summary.ts";
import { CALM_LANES, FORGOTTEN_LANES, KEPT_LANES } from "../fixture-lanes.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { laneEvents } from "../lane-events.ts";
import { laneSentence, leftOutWords, moment } from "../lane-words.ts";
import { renderLanePage } from "./lane-page.ts";
import { laneSvg, ticksOf } from "./lane-svg.ts";
import { renderHtml } from "./render.ts";
import { hasLane, laneAnchor } from "./sections/lanes.ts";

const first = ({ shown }: { readonly shown: readonly Lane[] }): Lane => {
  const [lane] = shown;
  if (lane === undefined) throw new Error("the fixture has no lane");
  return lane;
};
const forgetful = first(FORGOTTEN_LANES);
const kept = first(KEPT_LANES);
const calm = first(CALM_LANES);
const drawn = laneSvg(forgetful).text;

/** The titles of everything drawn. */
const titles = (svg: string): string[] => [...svg.matchAll(/<title>(.*?)<\/title>/g)].map((match) => match[1] ?? "");

describe("the drawing of a lane", () => {
  test("has the same bytes every time", () => {
    expect(laneSvg(forgetful).text).toBe(drawn);
  });

  test.each([
    ["a process that was ended", /start 1 ends at \+0\.06 s: SIGKILL/],
    ["a process that starts", /start 2 is starting: \+0\.09 s to \+0\.45 s \(358 ms\)/],
    ["a turn and how it ended", /turn 4: −1\.24 s to \+4\.04 s \(5\.28 s\), without memory, later gone/],
    ["a turn without an answer", /turn 5: from \+5\.05 s on, no answer/],
    ["what the script needs", /the script needs −1\.24 s to \+1\.44 s/],
    ["an attempt that came to nothing", /attempt 1: .*came to nothing, may have been accepted: ECONNRESET/],
    ["an attempt that was refused", /attempt 2: .*certainly not accepted: ECONNREFUSED/],
    ["an avoidable repeat and why", /bought again: avoidable \(a tool request built on it had arrived\)/],
    ["an unavoidable repeat", /bought again: unavoidable/],
    ["a provoked repeat", /bought again: provoked/],
    ["a request that got no completion", /denied \(unavailable\)/],
    ["turns that the model was not shown", /not shown: 3 acknowledged turns/],
    ["a tool call whose caller had left", /save_note: .*its caller had left/],
    ["an effect that was applied again", /the plain effect of turn 4, step 1, call 0 at \+1\.46 s: applied again/],
    ["an effect that was known by its key", /the keyed effect .*: repeated/],
    ["an effect that was refused", /the keyed effect .*: refused/],
    ["a timer that is overdue", /timer of turn 4, step 2: .*due at \+3\.00 s/],
    ["a wrong result of the runtime's own work", /the result of hash is wrong/],
    ["a crash that was given leave", /leave to crash: throw/],
    ["what held the runtime up", /no core: \+0\.45 s to \+0\.90 s/],
    ["a hold", /turn 4 held at “first”/],
    ["a read that lacks turns", /status 200, shows 1 turn, lacks 3/],
    ["a fault with its proof", /kill \(f1\) at 0 s, landed at \+0\.06 s: Process 4711.*; ready again at \+0\.45 s/],
  ])("shows %s", (_, words) => {
    expect(titles(drawn).filter((title) => words.test(title)).length).toBeGreaterThan(0);
  });

  test("keeps everything within its frame", () => {
    const height = Number(/viewBox="0 0 1200 (\d+)"/.exec(drawn)?.[1]);
    for (const [, x, y, width] of drawn.matchAll(/<rect class="[^"]*" x="([\d.-]+)" y="([\d.]+)" width="([\d.]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(1200);
      expect(Number(y)).toBeLessThan(height);
    }
  });

  test("a name of a runtime's is a name", () => {
    const evil = `<script>alert("1")</script>`;
    const lane: Lane = {
      ...forgetful,
      session: evil,
      attempts: [[4, 1, 1, -1240, 48, "info", evil]],
      tools: [[4, 1, 0, evil, 1, -440, -300, 200, 0, evil]],
      processes: [[evil, 0, 1, -900, -800, 60, evil, 0, 1]],
      faults: [[evil, evil, 0, 62, null, evil]],
    };
    const page = renderLanePage({ ...PAGE, session: evil, lane }, [evil]);
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;alert");
  });

  test("ticks are round and few, whatever the window", () => {
    expect(ticksOf(-1_000, 1_000)).toEqual([-1000, -800, -600, -400, -200, 0, 200, 400, 600, 800, 1000]);
    for (const ms of [1_500, 7_700, 31_000, 60_000]) expect(ticksOf(-900, ms).length).toBeLessThanOrEqual(13);
  });
});

describe("the words of a lane", () => {
  test("say what was going on, what was asked again, what happened twice and how it went on", () => {
    expect(laneSentence(forgetful)).toBe(
      "At 0 s, 20.2 s into the load: kill (f1). Then turn 4 had been pending for 1.24 s, and the model was writing step 2 and it was held at “first”. Start 1 of server ended at +0.06 s (SIGKILL); start 2 was ready at +0.45 s. The runtime was held up: no core (longest 450 ms). Completions bought again: 1 avoidable, 1 unavoidable and 1 provoked. The effect of send_mail happened twice. The model was not shown 3 acknowledged turns. Turn 4 was answered at +4.04 s, without memory; no intact answer ever came.",
    );
    expect(laneSentence(kept)).toContain("No effect happened twice. The first intact answer came at +2.50 s.");
    expect(laneSentence(calm)).toBe(
      "At 0 s, 29.5 s into the load: turn 4 is due. The runtime was held up: major GC (longest 412 ms) and stalled loop (longest 108 ms). Nothing was bought again. No effect happened twice. The first intact answer came at +1.31 s.",
    );
  });

  test("say what is not drawn", () => {
    expect(leftOutWords(forgetful)).toBe(
      "Not drawn: 3 earlier turns, 2 later turns and 2 lighter rows of full tracks.",
    );
    expect(leftOutWords({ ...kept, outside: [0, 0] })).toBe("");
  });

  test("instants have a sign and a unit", () => {
    expect([moment(0), moment(1_418), moment(-310)]).toEqual(["0 s", "+1.42 s", "−0.31 s"]);
  });

  test("tell every event in the order of time, with its witness", () => {
    const events = laneEvents(forgetful);
    expect(events).toContainEqual([
      "+0.61 s",
      "world",
      expect.stringContaining("start 2 asks the model: purchase 2, bought again (avoidable"),
    ]);
    expect(events).toContainEqual([
      "+0.05 s",
      "driver",
      "turn 4, attempt 1 came to nothing, and may have been accepted: ECONNRESET",
    ]);
    expect(events).toContainEqual(["+0.06 s", "trial", "server ends: start 1, SIGKILL"]);
    expect(events).toContainEqual([
      "+1.46 s",
      "world",
      "turn 4, step 1, call 0: the plain effect is applied, for the second time or later",
    ]);
    const seconds = events.map(([when]) => Number(when.replace("−", "-").replace(" s", "")));
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  });
});

const PAGE = {
  trial: "1-strike-memo",
  checker: "C1",
  session: "s1a",
  replay: "npm run bench -- strike memo",
  verdict: {
    checker: "C1",
    claim: "Every acknowledged turn is kept.",
    result: false,
    reason: "3 are gone.",
    exposures: 9,
    violations: 3,
    evidence: [],
  },
  runner: fixtureSummary().contestants[0] ?? {
    name: "memo",
    runtime: "",
    language: "",
    home: "",
    promises: {},
    deviations: [],
    certificate: "",
  },
  lane: forgetful,
} as const;

describe("a lane in the report", () => {
  const html = renderHtml(fixtureSummary());
  const trialOf = (summary: Summary, id: string) =>
    summary.scenarios
      .flatMap(({ results }) => results.flatMap(({ trials }) => trials))
      .find((trial) => trial.id === id);

  test("can be linked to, and evidence leads to it", () => {
    expect(html).toContain(`id="${laneAnchor("1-strike-memo", "s1a")}"`);
    expect(html).toContain(`href="#${laneAnchor("1-strike-memo", "s1a")}"`);
  });

  test("is there for every valid trial and for no other", () => {
    expect(html.match(/<svg class="lane"/g)).toHaveLength(5);
    const journal = trialOf(fixtureSummary(), "1-hoard-journal");
    expect(journal !== undefined && hasLane(journal, "s3c")).toBe(false);
  });

  test("failures that are not drawn are named with the command that draws them", () => {
    expect(html).toContain("npx agent-derby explain trials/1-strike-memo/capsules/C1-s07.json --html lane.html");
  });

  test("has a sentence for those who cannot see it, and a table behind it", () => {
    for (const [svg] of html.matchAll(/<svg class="lane"[^>]*>/g))
      expect(svg).toMatch(/role="img" aria-label="[^"]{80,}"/);
    expect(html.match(/Its \d+ events as a table/g)).toHaveLength(5);
  });

  test("summaries without lanes are a report too", () => {
    const summary = fixtureSummary();
    const scenarios = summary.scenarios.map((scenario) => ({
      ...scenario,
      results: scenario.results.map((result) => ({
        ...result,
        trials: result.trials.map(({ lanes, ...trial }) => trial),
      })),
    }));
    expect(renderHtml({ ...summary, scenarios })).not.toContain("Sessions seen closely");
  });
});

describe("the page of one failure", () => {
  test("holds the lane, the key and the story, and fetches nothing", () => {
    const page = renderLanePage(PAGE, ["when who what", "1 driver turn 4 is due"]);
    expect(page).toContain('<svg class="lane"');
    expect(page).toContain("1 driver turn 4 is due");
    expect(page).toContain("default-src &#39;none&#39;");
    expect(page).not.toMatch(/<script|https?:\/\/[^"<\s]*\.(js|css)/);
    expect(renderLanePage(PAGE, ["a"])).toBe(renderLanePage(PAGE, ["a"]));
  });

  test("says why nothing is drawn where a capsule has no lane", () => {
    expect(renderLanePage({ ...PAGE, session: null, lane: null }, [])).toContain("The evidence names no session");
    const { lane, ...older } = PAGE;
    expect(lane).toBe(forgetful);
    expect(renderLanePage(older, [])).toContain("written by an older version");
  });
});
