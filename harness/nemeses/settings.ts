/** What a scenario gave a fault in `with`: checked when the scenario is read, and read by the nemesis, with the defaults filled in. */
import { UsageError, unknownName } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting } from "./nemesis.ts";

type Settings = Readonly<Record<string, FaultSetting>>;

function problemOf(name: string, { default: usual, least, most, oneOf }: FaultSetting, given: unknown): string | null {
  if (typeof given !== typeof usual) return `${name}: expected a ${typeof usual}, got ${JSON.stringify(given)}.`;
  if (typeof given === "number" && (given < (least ?? given) || given > (most ?? given)))
    return `${name}: expected a number from ${least ?? "any"} to ${most ?? "any"}, got ${given}.`;
  if (typeof given === "string" && oneOf !== undefined && !oneOf.includes(given))
    return `${name}: ${unknownName("value", given, oneOf)}`;
  return null;
}

/** Everything that is wrong with what was given, as sentences; empty when nothing is. */
export function settingProblems(settings: Settings, given: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    return setting === undefined
      ? [unknownName("setting", name, Object.keys(settings))]
      : (problemOf(name, setting, value) ?? []);
  });
}

/** The values of all settings. @throws UsageError with every problem of what was given */
export function settingsOf<S extends Settings>(
  settings: S,
  fault: Pick<PlannedFault, "with">,
): { readonly [name in keyof S]: Widened<S[name]["default"]> } {
  const problems = settingProblems(settings, fault.with);
  if (problems.length > 0) throw new UsageError(problems);
  const values = Object.entries(settings).map(([name, setting]) => [name, fault.with[name] ?? setting.default]);
  return Object.fromEntries(values) as { readonly [name in keyof S]: Widened<S[name]["default"]> };
}

/** Settings are written down with one value each; what is given may be any of its type. */
type Widened<Value> = Value extends number ? number : Value extends boolean ? boolean : string;
