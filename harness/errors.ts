/**
 * The three ways in which the harness can end badly, told apart by who has to act.
 * `UsageError`: the person who called us. `TrialError`: nobody; the trial is void. `assert`: us, it is our bug.
 */

/** A mistake in what was given: flags, scenario files, runner.json, the machine. Printed as sentences, never as a stack. Exit code 2. */
export class UsageError extends Error {
  readonly problems: readonly string[];

  /** @param problems every problem found, each a sentence that names what was given, what was expected and what exists. */
  constructor(problems: string | readonly string[]) {
    const all = typeof problems === "string" ? [problems] : problems;
    super(all.join("\n"));
    this.name = "UsageError";
    this.problems = all;
  }
}

/** The harness could not do its part, so this trial says nothing about the runtime. The trial is recorded as void. */
export class TrialError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TrialError";
  }
}

/** Throws when one of our own invariants is broken. Never used to check input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Bug in agent-derby: ${message}`);
}

/** Levenshtein distance, for offering the nearest name; names are short, so the plain table is enough. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/**
 * A sentence for an unknown name: what was given, the nearest thing that exists, and everything that exists.
 * @param kind what sort of thing was named, for example "scenario"
 */
export function unknownName(kind: string, given: string, known: readonly string[]): string {
  const nearest = [...known].sort((a, b) => editDistance(given, a) - editDistance(given, b))[0];
  const offer =
    nearest !== undefined && editDistance(given, nearest) <= Math.max(2, given.length / 3)
      ? ` Did you mean "${nearest}"?`
      : "";
  const list = known.length > 0 ? known.join(", ") : "none";
  return `Unknown ${kind} "${given}".${offer} Known: ${list}.`;
}
