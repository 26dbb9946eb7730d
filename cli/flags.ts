/**
 * Reads what was given on the command line and collects every problem, so that one look shows all of them.
 * Checks form and range only; whether a load fits this machine is the plan's business.
 */
import { UsageError, unknownName } from "../harness/errors.ts";
import type { Prices } from "../harness/summary.ts";

/** Problems found so far. A reader of a bad value notes a sentence and answers undefined; `finish` throws them all. */
export class FlagProblems {
  readonly #sentences: string[] = [];

  add(sentence: string): undefined {
    this.#sentences.push(sentence);
    return undefined;
  }

  /** @throws UsageError with every problem, if there is one */
  finish(): void {
    if (this.#sentences.length > 0) throw new UsageError(this.#sentences);
  }
}

/** An integer between `low` and `high`, or undefined when the flag was not given. */
export function integerFlag(
  problems: FlagProblems,
  flag: string,
  given: string | undefined,
  low: number,
  high: number,
): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (value >= low && value <= high) return value;
  const range = `${low.toLocaleString("en-US")} to ${high.toLocaleString("en-US")}`;
  return problems.add(`${flag} takes a whole number from ${range}, not "${given}".`);
}

/** One of the known names. */
export function nameFlag(problems: FlagProblems, kind: string, given: string, known: readonly string[]): string {
  if (!known.includes(given)) problems.add(unknownName(kind, given, known));
  return given;
}

/** Where Postgres comes from: the built-in one, a container, or a server of one's own. */
export function postgresFlag(problems: FlagProblems, given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const known =
    given === "embedded" || given === "docker" || url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  const shown = url === undefined ? given : `${url.protocol}//${url.host}`; // an address may hold a password
  if (!known)
    problems.add(
      `--postgres takes "embedded", "docker" or an address like postgres://user@127.0.0.1:5432/postgres, not "${shown}".`,
    );
  return given;
}

/** "in=3,out=15" as dollars per million tokens. */
export function priceFlag(problems: FlagProblems, given: string): Prices {
  const parts = new Map<string, number>();
  for (const part of given.split(",")) {
    const [, name, amount] = /^(in|out)=(\d+(?:\.\d+)?)$/.exec(part.trim()) ?? [];
    if (name === undefined || amount === undefined || parts.has(name)) {
      problems.add(`--price takes dollars per million tokens as in=3,out=15, not "${given}".`);
      return { input: 0, output: 0 };
    }
    parts.set(name, Number(amount));
  }
  const input = parts.get("in");
  const output = parts.get("out");
  if (input === undefined || output === undefined) {
    problems.add(`--price needs both in= and out=, for example in=3,out=15; given was "${given}".`);
    return { input: 0, output: 0 };
  }
  return { input, output };
}
