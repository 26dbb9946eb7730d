/**
 * The first screen in a real browser: what stands in the window of 1280 × 800 before anybody scrolls, held against the summary that the
 * page carries. The expected answers are read from it here once more, without the code that made the page.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Summary, TrialSummary } from "../../harness/summary.ts";
import { madeRecordings } from "../fixture-answers.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { renderHtml } from "./render.ts";
import { CHROMIUM, inChromium, startBrowser, type TestBrowser } from "./testing/chromium.ts";

/** Texts of the first screen by question and runner: what lies wholly in the window, is painted, and is not scrolled out of a box. */
type Seen = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface FirstScreen {
  readonly seen: Seen;
  /** Text before the runner's chip in its group, such as "Kept every acknowledged turn:". */
  readonly leads: Seen;
  readonly trust: string;
  readonly lost: readonly string[];
  /** Cells of the table below the answers, of runners that have a reason instead of figures. */
  readonly none: Readonly<Record<string, readonly string[]>>;
  readonly summary: Summary;
}

async function firstScreenOf(page: Page): Promise<FirstScreen> {
  return page.evaluate(() => {
    const inWindow = (element: Element): boolean => {
      const box = element.getBoundingClientRect();
      const inside = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
      return inside && box.height > 8 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const text = (element: Element | null | undefined): string =>
      (element instanceof HTMLElement ? element.innerText : "").replace(/\s+/g, " ").trim();
    const seen: Record<string, Record<string, string>> = {};
    const leads: Record<string, Record<string, string>> = {};
    for (const chip of document.querySelectorAll<HTMLElement>(".answer li[data-runner]")) {
      if (!inWindow(chip)) continue;
      const question = chip.closest(".answer, .tail")?.id ?? "";
      const { runner = "" } = chip.dataset;
      seen[question] = { ...seen[question], [runner]: text(chip).slice(runner.length).trim() };
      leads[question] = { ...leads[question], [runner]: text(chip.closest(".group")?.querySelector("span")) };
    }
    const trust = document.querySelector('[data-answer="trust"]');
    const lost = [...document.querySelectorAll('[data-answer="lost"]')].filter(inWindow);
    const none: Record<string, string[]> = {};
    for (const row of document.querySelectorAll<HTMLTableRowElement>(".answer-table tbody tr"))
      if (row.querySelector("[data-none]") !== null && inWindow(row))
        none[row.dataset.runner ?? ""] = [...row.cells].map(text);
    return {
      seen,
      leads,
      none,
      trust: trust !== null && inWindow(trust) ? text(trust) : "",
      lost: lost.map(text),
      summary: JSON.parse(document.getElementById("summary")?.textContent ?? "null"),
    };
  });
}

const grouped = (value: number): string => value.toLocaleString("en-US");
const cents = (value: number): string => (value < 100 ? `$${value.toFixed(2)}` : `$${grouped(Math.round(value))}`);
const noun = (value: number, one: string): string => `${grouped(value)} ${value === 1 ? one : `${one}s`}`;

/** Reads what the scenario that kills says of one runner. */
function read(summary: Summary, runner: string) {
  const trials = summary.scenarios
    .filter((scenario) => scenario.faults.some((fault) => fault.startsWith("kill ")))
    .flatMap((scenario) => scenario.results.filter((result) => result.runner === runner))
    .flatMap((result) => result.trials);
  const valid = trials.filter((trial) => trial.validity.verdict === "valid");
  const total = (of: (trial: TrialSummary) => number) => valid.reduce((sum, trial) => sum + of(trial), 0);
  const recoveries = valid.flatMap((trial) => trial.recovery);
  const all = (of: (row: (typeof recoveries)[number]) => number) => recoveries.reduce((sum, row) => sum + of(row), 0);
  return {
    void: valid.length === 0 ? trials.flatMap((trial) => trial.validity.reasons).join(" ") : null,
    forgotten: total((trial) => trial.memory.forgotten),
    acknowledged: total((trial) => trial.memory.acknowledged),
    sessionsForgotten: total((trial) => trial.memory.sessionsForgotten),
    hit: all((row) => row.touched),
    amnesiac: all((row) => row.amnesiac),
    never: all((row) => row.never),
    longestMs: Math.max(...recoveries.map((row) => row.maxMs ?? Number.POSITIVE_INFINITY)),
    avoidable: total((trial) => trial.economy.avoidable.calls),
    wasted: total((trial) => trial.economy.avoidable.dollars),
    bought: total((trial) => trial.economy.bought.calls),
    paid: total((trial) => trial.economy.bought.dollars),
  };
}

const runnersOf = (summary: Summary): readonly string[] => [
  ...new Set(summary.scenarios.flatMap(({ results }) => results.map(({ runner }) => runner))),
];

function recordingWith(passes: (summary: Summary) => boolean): Summary {
  const found = madeRecordings().find(({ summary }) => passes(summary));
  if (found === undefined) throw new Error("no such recording");
  return found.summary;
}

/** What must stand under three questions for one runner; the second of each pair is left out where many runners share the screen. */
function expected(summary: Summary, runner: string): Readonly<Record<string, readonly [string, string]>> {
  const own = read(summary, runner);
  if (own.void !== null)
    return { "answer.forgotten": ["void", ""], "answer.recovered": ["void", ""], "answer.cost": ["void", ""] };
  const ended = own.never > 0 ? own.never : own.amnesiac;
  return {
    "answer.forgotten":
      own.forgotten === 0
        ? ["", noun(own.acknowledged, "turn")]
        : [grouped(own.forgotten), `${grouped(own.sessionsForgotten)} of`],
    "answer.recovered":
      ended > 0
        ? [`${grouped(ended)} of ${grouped(own.hit)} hit`, "never: "]
        : [own.longestMs < 1000 ? `after ${own.longestMs} ms` : `after ${(own.longestMs / 1000).toFixed(2)} s`, ""],
    "answer.cost":
      own.avoidable === 0
        ? ["", `0 of ${grouped(own.bought)} calls, $0 of ${cents(own.paid)}`]
        : [grouped(own.avoidable), `of ${grouped(own.bought)} calls, ${cents(own.wasted)} of ${cents(own.paid)}`],
  };
}

describe.skipIf(CHROMIUM === undefined)(inChromium("the first screen at 1280 × 800"), () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  const opened = new Map<string, FirstScreen>();
  /** Every page is opened once. */
  const open = async (summary: Summary): Promise<FirstScreen> => {
    const key = JSON.stringify(summary);
    const known = opened.get(key);
    if (known !== undefined) return known;
    const { page, complaints } = await browser.open(renderHtml(summary));
    const screen = await firstScreenOf(page);
    opened.set(key, screen);
    expect(complaints).toEqual([]);
    await page.close();
    return screen;
  };

  test.each(madeRecordings())("answers as its summary does: $name", async ({ summary: recorded }) => {
    const { seen, leads, trust, summary } = await open(recorded);
    expect(summary).toEqual(recorded);
    const many = runnersOf(summary).length > 6;
    for (const runner of runnersOf(summary))
      for (const [question, [least, more]] of Object.entries(expected(summary, runner))) {
        const text = seen[question]?.[runner];
        expect(text, `${question} of ${runner}`).toContain(least);
        if (!many) expect(text, `${question} of ${runner}`).toContain(more);
      }
    const kept = runnersOf(summary).filter((runner) => leads["answer.forgotten"]?.[runner]?.startsWith("Kept"));
    const winners = runnersOf(summary).filter((runner) => {
      const own = read(summary, runner);
      return own.void === null && own.forgotten === 0;
    });
    expect(kept).toEqual(winners);
    const trials = summary.scenarios.flatMap(({ results }) => results.flatMap((result) => result.trials));
    const valid = trials.filter((trial) => trial.validity.verdict === "valid").length;
    expect(trust).toContain(`${valid} of ${trials.length} trials count.`);
    expect(trust.startsWith(valid === trials.length ? "Yes." : "In part.")).toBe(true);
  });

  test("the recordings have different winners, and one has a void trial", () => {
    const told = madeRecordings().map(({ summary }) =>
      runnersOf(summary).map((runner) => {
        const own = read(summary, runner);
        return own.void === null ? own.forgotten : "void";
      }),
    );
    expect(new Set(told.map(String)).size).toBe(5);
    expect(told.flat().filter((one) => one === "void")).toHaveLength(1);
  });

  test("a void trial has its reason and no number", async () => {
    const recorded = recordingWith(({ void: lost }) => lost.length > 0);
    const { seen, lost, none } = await open(recorded);
    const [gone] = recorded.void;
    expect(lost).toEqual([expect.stringContaining(`${gone?.trial} ${gone?.reason}`)]);
    for (const question of ["answer.forgotten", "answer.recovered", "answer.cost"])
      expect(seen[question]?.mailbox).toBe("void");
    const reason = `${gone?.reason.replace(/\.$/, "")} (why)`;
    expect(none).toEqual({ mailbox: ["mailbox", reason, "0", "0", "1", "1 of 2"] });
  });

  test("five blocks put runners whose intervals overlap into one band, and name no rank", async () => {
    const { leads, seen } = await open(recordingWith(({ campaign }) => campaign.blocks === 5));
    const [tail = ""] = Object.keys(leads).filter((question) => question.startsWith("answer.tail.hoard"));
    expect(leads[tail]).toEqual({
      mailbox: "Shortest:",
      memo: "Then (equal: intervals overlap):",
      journal: "Then (equal: intervals overlap):",
    });
    expect(seen[tail]?.mailbox).toBe("40 ms (38 to 42 ms)");
  });

  test("without a scenario that kills nobody was asked, and the cost is that of the whole run", async () => {
    const summary = fixtureSummary();
    const { leads, seen } = await open({ ...summary, scenarios: summary.scenarios.slice(1) });
    expect(leads["answer.forgotten"]?.memo).toBe("Not asked: no scenario of this run kills.");
    expect(leads["answer.recovered"]?.memo).toBe("Not asked: no scenario of this run kills.");
    expect(seen["answer.cost"]?.memo).toContain("0 of 9,316 calls");
    expect(leads["answer.cost"]?.journal).toBe("No answer, since the trial does not count:");
  });
});

test("every diagnosis leads to the table that it rests on", () => {
  const html = renderHtml(fixtureSummary());
  const links = [...html.matchAll(/href="#(waiting[^"]*)">evidence/g)].map(([, target]) => target);
  expect(links.length).toBeGreaterThan(3);
  for (const target of links)
    expect(html).toMatch(new RegExp(`<h3 id="${target}">\\s*What late turns were waiting for`));
});
