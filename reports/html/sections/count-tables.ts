/** What became of turns, memory, money and effects, and what the runtime used: tables of counts, one row per trial. */
import type { EffectCount, RepeatClass, ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, decimalOr, dollars, duration, share } from "../../format.ts";
import { COMPARED, phaseName } from "../../readings.ts";
import { type Content, type Markup, markup } from "../markup.ts";
import type { Cell } from "../table.ts";
import { damageCell, type Figure, trialTable } from "../trial-table.ts";
import { economyChart } from "./economy-chart.ts";

const turns = (head: string, of: (trial: TrialSummary) => number): Figure => ({
  head,
  of: (trial) => count(of(trial)),
});
const harm = (head: string, of: (trial: TrialSummary) => number | null, group?: string): Figure => ({
  head,
  of: (trial) => damageCell(of(trial)),
  ...(group === undefined ? {} : { group }),
});

const GOODPUT: readonly Figure[] = [
  turns("offered", (trial) => trial.goodput.offered),
  turns("intact", (trial) => trial.goodput.intact),
  harm("amnesiac", (trial) => trial.goodput.amnesiac),
  harm("failed", (trial) => trial.goodput.failed),
  harm("refused", (trial) => trial.goodput.refused),
  harm("unknown", (trial) => trial.goodput.unknown),
  harm("of these late", (trial) => trial.goodput.late),
  { head: "offered", group: "proof turns at the end", of: (trial) => count(trial.goodput.proofs.offered) },
  { head: "intact", group: "proof turns at the end", of: (trial) => count(trial.goodput.proofs.intact) },
  harm("amnesiac", (trial) => trial.goodput.proofs.amnesiac, "proof turns at the end"),
  harm("unanswered", (trial) => trial.goodput.proofs.unanswered, "proof turns at the end"),
];

const MEMORY: readonly Figure[] = [
  turns("turns acknowledged", (trial) => trial.memory.acknowledged),
  harm("forgotten", (trial) => trial.memory.forgotten),
  {
    head: "lost by read",
    of: (trial) =>
      trial.memory.lostByRead === null ? { content: "no reads", tone: "quiet" } : damageCell(trial.memory.lostByRead),
  },
  turns("sessions", (trial) => trial.memory.sessions),
  harm("sessions that forgot", (trial) => trial.memory.sessionsForgotten),
];

function repeatFigures(group: string, of: (trial: TrialSummary) => RepeatClass, harmful: boolean): readonly Figure[] {
  const cell = (value: number, write: (value: number) => string): Cell =>
    harmful ? damageCell(value, write) : write(value);
  return [
    { head: "calls", group, of: (trial) => cell(of(trial).calls, count) },
    { head: "tokens in", group, of: (trial) => count(of(trial).inputTokens) },
    { head: "tokens out", group, of: (trial) => count(of(trial).outputTokens) },
    { head: "$", group, of: (trial) => cell(of(trial).dollars, dollars) },
  ];
}

const ECONOMY: readonly Figure[] = [
  ...repeatFigures("bought in all", (trial) => trial.economy.bought, false),
  ...repeatFigures("again, avoidable", (trial) => trial.economy.avoidable, true),
];

const EXCUSED: readonly Figure[] = [
  ...repeatFigures("again, unavoidable", (trial) => trial.economy.unavoidable, false),
  ...repeatFigures("again, provoked", (trial) => trial.economy.provoked, false),
  { head: "off-script calls", group: "outside the script", of: (trial) => count(trial.economy.offScriptCalls) },
];

function effectFigures(group: string, of: (trial: TrialSummary) => EffectCount): readonly Figure[] {
  return [
    { head: "asked for", group, of: (trial) => count(of(trial).logicalCalls) },
    { head: "applied", group, of: (trial) => count(of(trial).applied) },
    { head: "doubled", group, of: (trial) => damageCell(of(trial).doubled) },
    { head: "missing", group, of: (trial) => damageCell(of(trial).missing) },
  ];
}

type Phase = (typeof COMPARED)[number];

/** Collections of one kind in one phase; none is a figure, too. */
function gcOf(trial: TrialSummary, phase: Phase, kind: "major" | "minor") {
  return trial.gc?.byPhase.find((row) => row.phase === phase && row.kind === kind) ?? { count: 0, longestMs: 0 };
}

function gcCell(trial: TrialSummary, phase: Phase, kind: "major" | "minor"): Cell {
  if (trial.gc === null) return { content: "not observed", tone: "quiet" };
  const seen = count(gcOf(trial, phase, kind).count);
  const idle = trial.gc.exercised === false && phase === "fault" && kind === "major";
  return idle ? { content: `${seen}: GC not exercised`, tone: "notable" } : seen;
}

function longestCell(trial: TrialSummary, phase: Phase): Cell {
  if (trial.gc === null) return { content: "–", tone: "quiet" };
  const longestMs = Math.max(...trial.gc.byPhase.filter((row) => row.phase === phase).map((row) => row.longestMs), 0);
  return longestMs === 0 ? { content: "–", tone: "quiet" } : duration(longestMs);
}

function coreCell(trial: TrialSummary): Cell {
  const { calmCoreShare, saturated } = trial.validity;
  if (calmCoreShare === null) return { content: "–", tone: "quiet" };
  return saturated ? { content: `${share(calmCoreShare)}, saturated`, tone: "notable" } : share(calmCoreShare);
}

const USAGE: readonly Figure[] = [
  { head: "idle, MB", group: "memory", of: (trial) => decimalOr(trial.usage.idleRssMb) },
  { head: "calm, MB", group: "memory", of: (trial) => decimalOr(trial.usage.calmRssMb) },
  { head: "per session, KB", group: "memory", of: (trial) => decimalOr(trial.usage.kbPerSession) },
  { head: "app, ms", group: "CPU per turn", of: (trial) => decimalOr(trial.usage.appCpuMsPerTurn) },
  { head: "database, ms", group: "CPU per turn", of: (trial) => decimalOr(trial.usage.storeCpuMsPerTurn) },
  { head: "share of core, calm", group: "CPU per turn", of: coreCell },
];

function disturbances(scenario: ScenarioSummary): readonly Figure[] {
  return [
    ...COMPARED.flatMap((phase) => {
      const group = `garbage collections, ${phaseName(scenario, phase)}`;
      return [
        { head: "major", group, of: (trial: TrialSummary) => gcCell(trial, phase, "major") },
        { head: "minor", group, of: (trial: TrialSummary) => gcCell(trial, phase, "minor") },
        { head: "longest", group, of: (trial: TrialSummary) => longestCell(trial, phase) },
      ];
    }),
    { head: "by fault", group: "restarts", of: (trial) => count(trial.restarts.byFault) },
    harm("unexpected", (trial) => trial.restarts.unexpected, "restarts"),
  ];
}

/** @param position place of the scenario in the summary */
export function countTables(summary: Summary, scenario: ScenarioSummary, position: number): Markup {
  const { input, output } = summary.prices;
  const made = (caption: Content, figures: readonly Figure[]) => trialTable(summary, scenario, caption, figures);
  const effects = [
    ...effectFigures("keyed tools", (trial) => trial.effects.keyed),
    ...effectFigures("plain tools", (trial) => trial.effects.plain),
  ];
  return markup`<h3>What became of the turns</h3>
${made(markup`<b>Goodput</b>, turns. Amnesiac: answered, but the runtime no longer knew earlier turns.`, GOODPUT)}
${made(markup`<b>Memory</b>: what clients had been told, and what was left of it at the end`, MEMORY)}
<h3>What was paid and done twice</h3>
${economyChart(summary, scenario, position)}
${made(markup`<b>LLM calls</b>. Avoidable: something built on the first purchase had already been seen. Price: $${input} per million tokens in, $${output} out.`, ECONOMY)}
${made(markup`<b>Repeats that nobody could avoid</b>: unavoidable (nothing built on the first purchase had been seen) or provoked by a fault of the model itself`, EXCUSED)}
${made(markup`<b>Effects</b> of tools, logical calls. Keyed tools apply once per key that the runtime sends, plain tools at every request.`, effects)}
<h3>What it used</h3>
${made(markup`<b>Memory and CPU</b>; the database apart, since not every runtime has one`, USAGE)}
${made(markup`<b>Collections and restarts</b>`, disturbances(scenario))}`;
}
