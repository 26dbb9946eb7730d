/** Settings of faults: what a script may write under `with`, with ranges and defaults, so that a slip is found before a trial. */
import { unknownName } from "../../errors.ts";

/** Settings of a fault as the script writes them. */
export type FaultSettings = Readonly<Record<string, string | number | boolean>>;

/** One setting: its kind, its range, and what it is where the script says nothing (undefined if that means "none"). */
export type Setting =
  | {
      readonly type: "number";
      readonly low: number;
      readonly high: number;
      readonly otherwise?: number;
      readonly about: string;
    }
  | { readonly type: "choice"; readonly of: readonly string[]; readonly otherwise: string; readonly about: string }
  | { readonly type: "text"; readonly otherwise?: string; readonly about: string }
  | { readonly type: "switch"; readonly otherwise: boolean; readonly about: string };
export type Settings = Readonly<Record<string, Setting>>;

type Value<One extends Setting> = One extends { readonly type: "number" }
  ? number | (One extends { readonly otherwise: number } ? never : undefined)
  : One extends { readonly type: "choice"; readonly of: readonly (infer Name)[] }
    ? Name
    : One extends { readonly type: "switch" }
      ? boolean
      : string | undefined;

/** The settings of a fault with their defaults filled in. */
export type Values<All extends Settings> = { readonly [name in keyof All]: Value<All[name]> };

/** Fills in what the script has left out; the script has passed {@link settingProblems}. */
export function valuesOf<All extends Settings>(settings: All, given: FaultSettings): Values<All> {
  const values = Object.entries(settings).map(([name, { otherwise }]) => [name, given[name] ?? otherwise]);
  return Object.fromEntries(values) as Values<All>;
}

function expectedOf(setting: Setting): string {
  switch (setting.type) {
    case "number":
      return `a number from ${setting.low} to ${setting.high}`;
    case "choice":
      return `one of ${setting.of.join(", ")}`;
    case "text":
      return "a text";
    case "switch":
      return "true or false";
  }
}

function fits(setting: Setting, given: unknown): boolean {
  switch (setting.type) {
    case "number":
      return typeof given === "number" && given >= setting.low && given <= setting.high;
    case "choice":
      return typeof given === "string" && setting.of.includes(given);
    case "text":
      return typeof given === "string" && given !== "";
    case "switch":
      return typeof given === "boolean";
  }
}

/** Every problem of what a script wrote under `with`, as sentences that begin with the path. */
export function settingProblems(kind: string, settings: Settings, given: object, path: string): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (setting === undefined) return [`${path}: ${unknownName(`setting of ${kind}`, name, Object.keys(settings))}`];
    if (fits(setting, value)) return [];
    return [`${path}.${name}: expected ${expectedOf(setting)}, got ${JSON.stringify(value)}.`];
  });
}
