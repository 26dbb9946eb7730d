/** Checking of plain data: collects every problem as a sentence that names the key, what was given and what was expected. */
import { unknownName } from "./errors.ts";

export type Problems = string[];
type Presence = "required" | "optional";

const show = (value: unknown): string =>
  value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value)).slice(0, 120);

/** One object under check, with the path that leads to it. */
export class Shape {
  readonly value: Record<string, unknown>;
  readonly path: string;
  readonly problems: Problems;

  constructor(value: Record<string, unknown>, problems: Problems, path: string) {
    this.value = value;
    this.path = path;
    this.problems = problems;
  }

  /** A shape if the value is an object; otherwise notes the problem and gives undefined. */
  static of(value: unknown, problems: Problems, path: string): Shape | undefined {
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return new Shape(value as Record<string, unknown>, problems, path);
    if (path !== "") problems.push(`${path}: expected an object, got ${show(value)}.`);
    return undefined;
  }

  #at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  problem(key: string, expected: string, given: unknown): void {
    this.problems.push(`${this.#at(key)}: expected ${expected}, got ${show(given)}.`);
  }

  /** Notes a problem in words of the caller's. */
  says(sentence: string): void {
    this.problems.push(sentence);
  }

  /** Notes every key that is not known. */
  keys(known: readonly string[]): void {
    for (const key of Object.keys(this.value))
      if (!known.includes(key))
        this.problems.push(`${this.path === "" ? "top level" : this.path}: ${unknownName("key", key, known)}`);
  }

  #absent(key: string, presence: Presence): boolean {
    return presence === "optional" && this.value[key] === undefined;
  }

  text(key: string, presence: Presence = "required"): void {
    const given = this.value[key];
    if (!this.#absent(key, presence) && (typeof given !== "string" || given === "")) this.problem(key, "a text", given);
  }

  number(key: string, low: number, high: number, presence: Presence = "required"): void {
    const given = this.value[key];
    if (this.#absent(key, presence)) return;
    if (typeof given !== "number" || !(given >= low && given <= high))
      this.problem(key, `a number from ${low} to ${high}`, given);
  }

  integer(key: string, low: number, high: number, presence: Presence = "required"): void {
    const given = this.value[key];
    if (this.#absent(key, presence)) return;
    if (!Number.isInteger(given) || (given as number) < low || (given as number) > high)
      this.problem(key, `a whole number from ${low} to ${high}`, given);
  }

  oneOf(key: string, known: readonly string[], presence: Presence = "required"): void {
    const given = this.value[key];
    if (this.#absent(key, presence)) return;
    if (typeof given === "string" && !known.includes(given))
      this.problems.push(`${this.#at(key)}: ${unknownName(key, given, known)}`);
    else if (typeof given !== "string") this.problem(key, `one of ${known.join(", ")}`, given);
  }

  distribution(key: string): void {
    const given = this.value[key] as Record<string, unknown> | undefined;
    const fields: Record<string, readonly string[]> = {
      constant: ["value"],
      uniform: ["low", "high"],
      exponential: ["mean"],
      lognormal: ["median", "sigma"],
    };
    const wanted = fields[String(given?.dist)];
    const good = wanted?.every((field) => typeof given?.[field] === "number" && (given[field] as number) >= 0) ?? false;
    if (!good)
      this.problem(
        key,
        "constant(x), uniform(low, high), exponential(mean) or lognormal(median, sigma), none negative",
        given,
      );
  }

  /** A nested object that must be there. */
  child(key: string): Shape | undefined {
    return Shape.of(this.value[key], this.problems, this.#at(key));
  }

  /** The objects of a list; a missing list is empty. */
  children(key: string): Shape[] {
    const given = this.value[key] ?? [];
    if (!Array.isArray(given)) {
      this.problem(key, "a list", given);
      return [];
    }
    return given.flatMap((item, index) => Shape.of(item, this.problems, `${this.#at(key)}[${index}]`) ?? []);
  }

  /** A list of names. */
  names(key: string, required: boolean): string[] {
    const given = this.value[key];
    if (given === undefined && !required) return [];
    if (Array.isArray(given) && given.every((name) => typeof name === "string")) return given as string[];
    this.problem(key, "a list of names", given);
    return [];
  }
}
