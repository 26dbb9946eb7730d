/** What the page shows of the measuring core: calibration, certificates, streaming, sessions, causes, blocks. */
import { describe, expect, test } from "vitest";
import type { Summary, TrialSummary } from "../../harness/summary.ts";
import { FAILED_CALIBRATION } from "../fixture-calibration.ts";
import { FIXTURE_CERTIFICATE } from "../fixture-certificate.ts";
import { fixtureSummary } from "../fixture-summary.ts";
import { FIXTURE_OVER_BLOCKS } from "../fixture-waits.ts";
import { renderHtml } from "./render.ts";

/** The page without tags, one space between words. */
const textOf = (summary: Summary): string =>
  renderHtml(summary)
    .replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, " ")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&#39;", "'")
    .replace(/\s+/g, " ");

function changed(change: (trial: TrialSummary) => TrialSummary): Summary {
  const summary = fixtureSummary();
  const scenarios = summary.scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({ ...result, trials: result.trials.map(change) })),
  }));
  return { ...summary, scenarios };
}

const withCertificate = (of: Partial<typeof FIXTURE_CERTIFICATE>): string =>
  textOf(
    changed((trial) => ({
      ...trial,
      validity: { ...trial.validity, certificate: { ...FIXTURE_CERTIFICATE, ...of } },
    })),
  );

describe("the first screen", () => {
  test("a failed calibration stands above the verdicts", () => {
    const html = renderHtml({ ...fixtureSummary(), calibration: { passed: false, runs: [FAILED_CALIBRATION] } });
    const banner = html.indexOf('<div class="alarms" role="note"><p>Calibration failed');
    expect(banner).toBeGreaterThan(0);
    expect(banner).toBeLessThan(html.indexOf("<h2>Verdicts</h2>"));
    expect(renderHtml(fixtureSummary())).not.toContain('class="alarms"');
  });

  test("what is not comparable says so in the matrix and in its scenario", () => {
    expect(textOf(fixtureSummary()).match(/not comparable/gi)).not.toHaveLength(0);
    expect(renderHtml(fixtureSummary())).toContain('<span class="notable">not comparable</span>');
    expect(textOf(fixtureSummary())).toContain("Not comparable. Of the trials of journal 100 % say nothing");
  });

  test("many trials that do not count are folded, and each keeps its reason", () => {
    const html = renderHtml(
      changed((trial) => ({ ...trial, validity: { ...trial.validity, verdict: "void", reasons: ["It was late."] } })),
    );
    expect(html).toContain("<summary>Why 6 trials do not count</summary>");
    expect(html).toContain("1-strike-memo does not count: void: It was late.");
    expect(html).not.toContain("none for anyone");
  });
});

describe("a certificate", () => {
  test("shows every figure beside its limit and links from where the trial does not count", () => {
    expect(textOf(fixtureSummary())).toContain("start lag of the driver (p99) 1.4 ms ≤ 3 ms kept");
    expect(renderHtml(fixtureSummary())).toContain('does not count (<a href="#certificate.1-hoard-journal">why</a>)');
  });

  test("a limit that was passed, one of too few values and one not measured are told apart", () => {
    const [lag, share] = FIXTURE_CERTIFICATE.guarded;
    if (lag === undefined || share === undefined) throw new Error("the fixture has two limits");
    const text = withCertificate({
      guarded: [
        { ...lag, measured: 3.01, kept: false },
        { ...lag, measured: 9, kept: null },
        { ...share, measured: null, kept: null },
      ],
    });
    for (const words of ["3.01 ms ≤ 3 ms exceeded: void", "9 ms ≤ 3 ms over it, by too few", "– ≤ 70 % not measured"])
      expect(text).toContain(words);
  });

  test("strays, shared cores and a machine that was not looked at are said", () => {
    const stray = { who: "runtime", pid: 7, comm: "node", cores: "0", seen: 9, ran: 4, looks: 10 } as const;
    expect(withCertificate({ strays: [stray] })).toContain(
      "node (pid 7) of the runtime might run on 0 in 9 of 10 looks, and had run there in 4",
    );
    expect(withCertificate({ cores: null, machine: null })).toMatch(
      /no gate uses this trial\. .*Steal, pressure and other programs were not measured/,
    );
  });

  test("a trial that counts but cannot gate is marked", () => {
    expect(textOf(fixtureSummary())).toContain("1-hoard-memo : valid, saturated, cannot gate");
  });
});

describe("a scenario", () => {
  test("shows streaming only where somebody read along", () => {
    expect(textOf(fixtureSummary()).match(/How text flowed/g)).toHaveLength(1);
    expect(textOf(changed((trial) => ({ ...trial, streaming: [] })))).not.toContain("How text flowed");
  });

  test("marks lateness of sessions that had not ended as a bound", () => {
    expect(textOf(fixtureSummary())).toContain("≥ 310 ms ≥ 682 ms ≥ 1.86 s ≥ 6.51 s 2,000 (1,710 not at their end)");
  });

  test("shows the worst standstill with its numbers", () => {
    expect(textOf(fixtureSummary())).toContain("none none 96 % (240 of 250) 12 % (240 of 2,000)");
  });

  test("shows what late turns waited for, a column for each cause that occurred and one for none", () => {
    const text = textOf(fixtureSummary());
    expect(text).toContain("answered late late from down no core no named cause named");
    expect(text).toContain("1,800 212 62 ms 190 (90 %) 9 (4.2 %) 13 (6.1 %) 94 %");
    expect(text).not.toContain("Nobody looked inside");
  });

  test("says so where nobody looked inside", () => {
    const blind = changed((trial) => ({
      ...trial,
      observation: { ...trial.observation, inside: false, watched: 0 },
    }));
    expect(textOf(blind)).toContain("Nobody looked inside memo, mailbox, journal");
  });

  test("shows figures over blocks with spread, interval and number of blocks, and only where there are some", () => {
    expect(textOf(fixtureSummary())).not.toContain("Over the blocks");
    const summary = fixtureSummary();
    const scenarios = summary.scenarios.map((scenario) => ({
      ...scenario,
      results: scenario.results.map((result) => ({ ...result, overBlocks: FIXTURE_OVER_BLOCKS })),
    }));
    const text = textOf({ ...summary, scenarios });
    expect(text).toContain(
      "overhead p50 of chatty, calm memo 12 ms 11 ms to 16 ms 11 ms to 16 ms (94 %) 5 (1 not valid) 2.8 ms",
    );
    expect(text).toContain("recovery median of chatty memo 1.21 s 1.09 s to 1.57 s – 4 (1 not valid) 2.8 ms");
  });

  test("says in words and in a table what the lanes above the overhead show", () => {
    const text = textOf(fixtureSummary());
    expect(text).toContain(
      "held up by 1 major collection, 1 minor collection, 1 other collection, 1 stall and 1 silence and 3 shorter spans that are not drawn",
    );
    expect(text).toContain("24.05 stall 340 ms 24.10 major collection 310 ms");
  });
});

test("calibration shows each server with what was measured, the truth and the error", () => {
  expect(textOf(fixtureSummary())).toContain("constant 100 ms 2 250 right 100.4 of 100 ms +0.4 ± 1");
  expect(textOf({ ...fixtureSummary(), calibration: null })).toContain(
    "was not held against known answers before these trials",
  );
});
