/**
 * What differs within a language, told apart from what differs across: the tails of a run, by the languages of its contestants. Within one,
 * runtimes and their promises differ; across, whole stacks do: engine, libraries, arithmetic. Pure; ranks nobody.
 */
import type { Summary } from "../harness/summary.ts";
import { type Tail, tailsOf } from "./tails.ts";

/** One runner's tail in milliseconds. */
export interface TailInLanguage {
  readonly runner: string;
  readonly valueMs: number;
}

/** One language in one question. */
export interface LanguageTail {
  readonly language: string;
  /** In the order of the run; those without a value are left out. */
  readonly runners: readonly TailInLanguage[];
  readonly lowMs: number;
  readonly highMs: number;
}

/** The tails of one cohort in one scenario, by language. */
export interface LanguageTails extends Pick<Tail, "scenario" | "cohort" | "phase" | "quantile"> {
  /** One per language of the run, in the order of its contestants; null where it has no value here. */
  readonly languages: readonly (LanguageTail | null)[];
}

/** Languages of the contestants, in their order. */
export const languagesOf = ({ contestants }: Summary): readonly string[] => [
  ...new Set(contestants.map(({ language }) => language)),
];

function ofLanguage(language: string, tail: Tail, { contestants }: Summary): LanguageTail | null {
  const speaks = new Set(contestants.filter((one) => one.language === language).map(({ name }) => name));
  const runners = tail.runners.flatMap(({ runner, valueMs }) =>
    valueMs === null || !speaks.has(runner) ? [] : [{ runner, valueMs }],
  );
  if (runners.length === 0) return null;
  const values = runners.map(({ valueMs }) => valueMs);
  return { language, runners, lowMs: Math.min(...values), highMs: Math.max(...values) };
}

/** Empty where all contestants share one language. */
export function tailsByLanguage(summary: Summary): readonly LanguageTails[] {
  const languages = languagesOf(summary);
  if (languages.length < 2) return [];
  return tailsOf(summary).map((tail) => {
    const { scenario, cohort, phase, quantile } = tail;
    return { scenario, cohort, phase, quantile, languages: languages.map((one) => ofLanguage(one, tail, summary)) };
  });
}
