/**
 * The certificate under real trouble: a driver that is starved, a World that is starved, a runtime that moves onto the harness's core.
 * Each is a campaign of one short trial, run by the command line as a person would.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as elapsed } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { planCores } from "../../harness/processes/cores.ts";
import { realTimeAllowed } from "../../harness/processes/priority.ts";
import {
  hasProc,
  type ProcessRow,
  processTree,
  signalIfAlive,
  unlessGone,
} from "../../harness/processes/process-table.ts";
import { constant } from "../../harness/random.ts";
import type { Summary, Validity } from "../../harness/summary.ts";
import { ROOT } from "../sources.ts";
import { start } from "./commands.ts";

/** Calm lasts 6 s of the smoke profile and sees about a thousand turns of 40 ms each, enough to judge a p99. */
const SCENARIO = {
  asks: "Does the harness notice its own troubles?",
  cohorts: {
    all: {
      sessions: 60,
      turns: 60,
      thinkMs: constant(1_200),
      script: [{ say: { firstTokenMs: constant(20), tokens: constant(5), tokensPerSecond: 200 } }],
      client: { timeoutMs: 5_000, deadlineMs: 10_000, retry: "eager" },
    },
  },
  phases: { warmupMs: 3_000, calmMs: 20_000, faultMs: 0, quietMs: 1_000 },
  observe: { overhead: ["all"] },
};
const CAMPAIGN_LIMIT_MS = 40_000;
/** Beyond the limit of the campaign, so that whoever starves one of its processes always gets to let it go on. */
const LIMIT_MS = CAMPAIGN_LIMIT_MS + 5_000;

interface RunningCampaign {
  readonly pid: number;
  /** Resolves with the validity of its only trial. */
  readonly validity: Promise<Validity>;
  readonly isOver: () => boolean;
}

/** Starts a campaign of one trial in a folder of its own. @param runner makes a runner in that folder and gives its name or path */
function startCampaign(runner: (folder: string) => string): RunningCampaign {
  const folder = mkdtempSync(join(tmpdir(), "validity-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "trouble.json"), JSON.stringify(SCENARIO));
  const filters = ["./trouble.json", runner(folder)];
  const options = ["--profile", "smoke", "--seed", "1", "--sessions", "60", "--no-calibrate", "--out", "out"];
  const { child, ended } = start(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), "run", ...filters, ...options], {
    cwd: folder,
    limitMs: LIMIT_MS,
  });
  let over = false;
  const validity = ended.then(({ stderr }) => {
    over = true;
    const [campaign] = readdirSync(join(folder, "out"));
    const file = join(folder, "out", campaign ?? "", "summary.json");
    if (!existsSync(file)) throw new Error(`the campaign has no summary:\n${stderr}`);
    const summary = JSON.parse(readFileSync(file, "utf8")) as Summary;
    const found = summary.scenarios[0]?.results[0]?.trials[0]?.validity;
    if (found === undefined) throw new Error(`the campaign has no trial:\n${stderr}`);
    return found;
  });
  return { pid: child.pid ?? 0, validity, isOver: () => over };
}

/** Our own process of a campaign that runs this module; others on the machine are never meant. */
function ownProcess(campaign: RunningCampaign, module: string): ProcessRow | undefined {
  return processTree([campaign.pid]).find(({ pid }) => {
    const cmdline = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, "latin1")) ?? "";
    return cmdline.split("\0").some((word) => word.endsWith(`/harness/${module}`));
  });
}

/** Until the campaign is over, takes the CPU from one of its processes for half of the time, 30 ms at once. */
async function starve(campaign: RunningCampaign, module: string): Promise<void> {
  while (!campaign.isOver()) {
    const victim = ownProcess(campaign, module);
    let alive = victim !== undefined;
    while (victim !== undefined && alive && !campaign.isOver()) {
      alive = signalIfAlive(victim, "SIGSTOP");
      await elapsed(30);
      alive = signalIfAlive(victim, "SIGCONT") && alive;
      await elapsed(30);
    }
    await elapsed(50);
  }
}

const withReference = (): string => "reference";
const cores = planCores();

test.skipIf(cores === null || !hasProc)(
  "a starved driver makes the trial void, and the start lag is why",
  async () => {
    const campaign = startCampaign(withReference);
    const [validity] = await Promise.all([campaign.validity, starve(campaign, "driver/main.ts")]);
    expect(validity.reasons.join(" ")).toMatch(
      /The start lag of the driver \(p99\) was [\d.]+ ms; the limit is 3 ms\./,
    );
    expect(validity).toMatchObject({ verdict: "void", gateable: false });
    expect(validity.certificate.processes.driver.loopDelayMs?.p90).toBeGreaterThan(10);
    for (const witness of ["driver", "world"] as const)
      expect(validity.certificate.processes[witness].scheduling === "real-time").toBe(realTimeAllowed());
    expect(validity.certificate.arrivals.lateFirstAttempts).toBeGreaterThan(100);
  },
  LIMIT_MS,
);

test.skipIf(cores === null || !hasProc)(
  "a starved World makes the trial void, and the lateness of its frames is why",
  async () => {
    const campaign = startCampaign(withReference);
    const [validity] = await Promise.all([campaign.validity, starve(campaign, "world/main.ts")]);
    expect(validity.reasons.join(" ")).toMatch(
      /The frame lateness of the World \(p99\) was [\d.]+ ms; the limit is 10 ms\./,
    );
    expect(validity).toMatchObject({ verdict: "void", gateable: false });
    expect(validity.certificate.processes.world.loopDelayMs?.p90).toBeGreaterThan(10);
  },
  LIMIT_MS,
);

/** The reference, started by a shell that first moves itself onto the harness's cores. */
function roverIn(folder: string, harnessCores: string): string {
  const rover = join(folder, "rover");
  mkdirSync(rover);
  const reference = JSON.parse(readFileSync(join(ROOT, "runners/reference/runner.json"), "utf8")) as {
    processes: readonly object[];
  };
  const command = ["sh", "-c", `taskset -cp ${harnessCores} $$ > /dev/null && exec node server.mjs`];
  const processes = reference.processes.map((process) => ({ ...process, command }));
  writeFileSync(join(rover, "runner.json"), JSON.stringify({ ...reference, processes }));
  writeFileSync(join(rover, "server.mjs"), `import ${JSON.stringify(join(ROOT, "runners/reference/server.ts"))};\n`);
  return "./rover";
}

test.skipIf(cores === null || !hasProc)(
  "a runtime that moves onto the harness's cores has failed isolation, and is named",
  async () => {
    const campaign = startCampaign((folder) => roverIn(folder, cores?.harness ?? ""));
    const validity = await campaign.validity;
    expect(validity.reasons[0]).toMatch(
      new RegExp(
        `^Process "node" \\(pid \\d+\\) of the runtime could run on cores? ${cores?.harness}, the harness's, in `,
      ),
    );
    expect(validity).toMatchObject({ verdict: "failed isolation", gateable: false });
    expect(validity.certificate.strays[0]?.ran).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
