/** Every profiler there is, and which one a runner gets. */
import { UsageError, unknownName } from "../errors.ts";
import type { Runner } from "../runner.ts";
import { CLINIC } from "./clinic.ts";
import { flame } from "./flame.ts";
import { perf } from "./perf.ts";
import { pprof } from "./pprof.ts";
import type { Profiler } from "./profiler.ts";
import { pySpy } from "./py-spy.ts";

/** The first of a language is what it gets unasked. */
export const PROFILERS: readonly Profiler[] = [flame, ...CLINIC, pprof, perf, pySpy];

/** Those that know a language, the default one first. */
export const profilersOf = (language: string): readonly Profiler[] =>
  PROFILERS.filter(({ languages }) => languages.some((known) => known.toLowerCase() === language.toLowerCase()));

/**
 * The profiler of a name, or the default of the runner's language.
 * @throws UsageError when there is none of that name, or it does not know the language
 */
export function chooseProfiler(runner: Runner, name?: string): Profiler {
  const offered = profilersOf(runner.language);
  const names = offered.map((profiler) => profiler.name);
  const [byDefault] = offered;
  if (byDefault === undefined)
    throw new UsageError(`No profiler here knows ${runner.language}, the language of ${runner.name}.`);
  if (name === undefined) return byDefault;
  const chosen = PROFILERS.find((profiler) => profiler.name === name);
  if (chosen === undefined) throw new UsageError(unknownName(`profiler of ${runner.language}`, name, names));
  if (!offered.includes(chosen))
    throw new UsageError(
      `${name} does not know ${runner.language}, the language of ${runner.name}. These do: ${names.join(", ")}.`,
    );
  return chosen;
}
