/**
 * The answers of the first screen, in sentences: a question, then groups of runners with one answer, the damaged first. Promises: every
 * runner stands under every question exactly once, and each of its answers can be found by `data-answer` and `data-runner`.
 */
import type { Summary } from "../../../harness/summary.ts";
import {
  type Answer,
  type Answers,
  answersOf,
  type Cost,
  type Kept,
  type RunnerAnswers,
  runnersOf,
  type SentLess,
  sentLess,
  type WorkedAgain,
} from "../../answers.ts";
import { count, counted, dollars, duration, listed } from "../../format.ts";
import { tailsOf } from "../../tails.ts";
import { anchor, type Markup, markup } from "../markup.ts";
import { type Group, question, type Told } from "./answer-groups.ts";
import { tailRow } from "./tail-answers.ts";
import { trustRow } from "./trust-row.ts";

/** More runners than this share the screen only if each says less; the table below says the rest. */
const FEW_RUNNERS = 6;
/** Tails that stand on the first screen; the others stand in their scenarios. */
const TAILS_OF_FEW = 2;
/** More scenarios than this are named without what they ask. */
const QUESTIONS_MOST = 3;

type Choose<Value> = (row: RunnerAnswers) => Answer<Value>;

/** Runners whose answer is known and passes. */
function known<Value>(
  { runners }: Answers,
  pick: Choose<Value>,
  passes: (value: Value) => boolean,
  says: (value: Value) => string,
): Told[] {
  return runners.flatMap((row) => {
    const answer = pick(row);
    if (!answer.known || !passes(answer.value)) return [];
    const part = answer.trials === answer.of ? "" : ` (in ${answer.trials} of ${counted(answer.of, "trial")})`;
    return [{ runner: row.runner, says: `${says(answer.value)}${part}`.trim() }];
  });
}

/** Runners without an answer, those with one reason together. */
function unknown<Value>({ runners, kills }: Answers, pick: Choose<Value>): Group[] {
  const rows = runners.flatMap((row) => {
    const answer = pick(row);
    return answer.known ? [] : [{ runner: row.runner, answer }];
  });
  const asked = rows.filter(({ answer }) => answer.state === "not asked");
  const lost = rows.filter(({ answer }) => answer.state !== "not asked");
  const lead = kills.length === 0 ? "Not asked: no scenario of this run kills." : "Not asked: no kill landed.";
  return [
    { lead, tone: "quiet", told: asked.map(({ runner }) => ({ runner, says: "" })) },
    {
      lead: "No answer, since the trial does not count:",
      tone: "quiet",
      told: lost.map(({ runner, answer }) => ({ runner, says: answer.state })),
    },
  ];
}

function keptSays(few: boolean) {
  return ({ forgotten, acknowledged, sessionsForgotten, sessions, lostByRead }: Kept): string => {
    const lost = lostByRead === null || lostByRead === forgotten ? "" : `, ${count(lostByRead)} lost by read`;
    if (!few) return `${counted(forgotten, "turn")}${lost}`;
    return `${count(forgotten)} of ${counted(acknowledged, "turn")}, ${count(sessionsForgotten)} of ${counted(sessions, "conversation")}${lost}`;
  };
}

function keptRow(summary: Summary, answers: Answers, few: boolean): Markup {
  const choose: Choose<Kept> = (row) => row.kept;
  const harmed = ({ forgotten, lostByRead }: Kept) => forgotten > 0 || (lostByRead ?? 0) > 0;
  const all = ({ acknowledged }: Kept) => (few ? counted(acknowledged, "turn") : "");
  return question(summary, "forgotten", "Who lost or forgot turns when killed?", [
    { lead: "Lost or forgot:", tone: "notable", told: known(answers, choose, harmed, keptSays(few)) },
    {
      lead: "Kept every acknowledged turn:",
      tone: "good",
      told: known(answers, choose, (kept) => !harmed(kept), all),
    },
    ...unknown(answers, choose),
  ]);
}

/** Which of the endings a runner had; each has one. */
function ending({ hit, never, unanswered, amnesiac }: WorkedAgain): "never" | "amnesiac" | "untouched" | "all" {
  if (never > 0 || unanswered > 0) return "never";
  if (amnesiac > 0) return "amnesiac";
  return hit === 0 ? "untouched" : "all";
}

function neverSays({ never, hit, amnesiac, unanswered }: WorkedAgain, few: boolean): string {
  if (never === 0) return `never: ${counted(unanswered, "session")} silent at the end`;
  const without = few && amnesiac > 0 ? `, ${count(amnesiac)} without memory` : "";
  return `never: ${count(never)} of ${count(hit)} hit${without}`;
}

function amnesiacSays({ amnesiac, hit }: WorkedAgain, few: boolean): string {
  return few
    ? `never: ${count(amnesiac)} of ${count(hit)} hit came back without it`
    : `${count(amnesiac)} of ${count(hit)} hit`;
}

function workedAgainRow(summary: Summary, answers: Answers, few: boolean): Markup {
  const choose: Choose<WorkedAgain> = (row) => row.workedAgain;
  const of = (wanted: ReturnType<typeof ending>, says: (value: WorkedAgain, few: boolean) => string) =>
    known(
      answers,
      choose,
      (value) => ending(value) === wanted,
      (value) => says(value, few),
    );
  return question(summary, "recovered", "How long until all sessions worked again?", [
    { lead: "Some never did:", tone: "notable", told: of("never", neverSays) },
    { lead: "Never with their memory:", tone: "notable", told: of("amnesiac", amnesiacSays) },
    {
      lead: "All worked again:",
      tone: "good",
      told: of("all", ({ longestMs }) => (longestMs === null ? "time unknown" : `after ${duration(longestMs)}`)),
    },
    { lead: "No session was hit:", tone: "quiet", told: of("untouched", () => "") },
    ...unknown(answers, choose),
  ]);
}

function costSays({ avoidable, bought }: Cost, few: boolean): string {
  if (few)
    return `${count(avoidable.calls)} of ${counted(bought.calls, "call")}, ${dollars(avoidable.dollars)} of ${dollars(bought.dollars)}`;
  return avoidable.calls === 0 ? "" : `${counted(avoidable.calls, "call")}, ${dollars(avoidable.dollars)}`;
}

/** "88 tokens in a call; keeper sent 192". */
const lessSays =
  (few: boolean) =>
  ({ runner, tokens, kept }: SentLess): Told => ({
    runner,
    says: few ? `${count(tokens)} tokens in a call, where ${kept.runner} sent ${count(kept.tokens)}` : "",
  });

function costRow(summary: Summary, answers: Answers, few: boolean): Markup {
  const killed = answers.costIn === "kills";
  const asks = killed
    ? "What did it cost in LLM calls and dollars?"
    : "What was bought twice, in LLM calls and dollars?";
  const choose: Choose<Cost> = (row) => row.cost;
  const of = (wasteful: boolean) =>
    known(
      answers,
      choose,
      ({ avoidable }) => avoidable.calls > 0 === wasteful,
      (value) => costSays(value, few),
    );
  return question(summary, "cost", asks, [
    { lead: "Bought again without need:", tone: "notable", told: of(true) },
    { lead: "Nothing without need:", tone: "good", told: of(false) },
    { lead: "Paid for less, having forgotten:", tone: "quiet", told: sentLess(answers.runners).map(lessSays(few)) },
    ...unknown(answers, choose),
  ]);
}

/** "isolated-cpu": a broken promise is named, the others are counted. */
function promisesRow(summary: Summary, { runners }: Answers): Markup {
  const say = (passes: (row: RunnerAnswers) => boolean, says: (row: RunnerAnswers) => string): Told[] =>
    runners.filter(passes).map((row) => ({ runner: row.runner, says: says(row) }));
  const broke = ({ promises }: RunnerAnswers) => promises.broken.length > 0;
  const kept = (row: RunnerAnswers) => !broke(row) && row.promises.kept.length > 0;
  return question(summary, "promises", "Who kept which promise?", [
    { lead: "Broke:", tone: "notable", told: say(broke, ({ promises }) => listed(promises.broken)) },
    {
      lead: "Kept all that were tested:",
      tone: "good",
      told: say(kept, ({ promises: { kept: held, untested } }) =>
        untested.length === 0
          ? `${count(held.length)} kept`
          : `${count(held.length)} kept, ${count(untested.length)} untested`,
      ),
    },
    {
      lead: "None was tested:",
      tone: "quiet",
      told: say(
        (row) => !broke(row) && !kept(row),
        ({ promises }) =>
          promises.untested.length === 0 ? "none offered" : `${count(promises.untested.length)} untested`,
      ),
    },
  ]);
}

/** Whether so many runners share the screen that each must say less. */
export function isCrowded(summary: Summary): boolean {
  return runnersOf(summary).length > FEW_RUNNERS;
}

/** What was asked: the scenarios, with their questions where there are few. */
function askedRow(summary: Summary): Markup {
  const { scenarios } = summary;
  const items = scenarios.map(({ scenario, asks }) => {
    const says =
      scenarios.length > QUESTIONS_MOST || isCrowded(summary) ? null : markup` <span class="aside">${asks}</span>`;
    return markup`<li><a href="#${anchor("scenario", scenario)}">${scenario}</a>${says}</li>`;
  });
  return markup`<div class="answer" id="${anchor("answer", "asked")}"><h2>What was asked?</h2><div class="group"><ul>${items}</ul></div></div>`;
}

/** All questions with their answers. */
export function answerRows(summary: Summary): Markup {
  const answers = answersOf(summary);
  const few = !isCrowded(summary);
  const tails = tailsOf(summary).slice(0, few ? TAILS_OF_FEW : 1);
  return markup`${askedRow(summary)}${trustRow(summary)}${keptRow(summary, answers, few)}${workedAgainRow(summary, answers, few)}${costRow(summary, answers, few)}${tailRow(summary, tails)}${promisesRow(summary, answers)}`;
}
