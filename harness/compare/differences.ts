/** In what two campaigns differ beside what is compared: the machine, the work, the software. */
import type { Environment, Summary } from "../summary.ts";
import type { Difference } from "./comparison.ts";

const MACHINE: readonly (readonly [what: string, of: (environment: Environment) => string])[] = [
  ["system", ({ os }) => os],
  ["kernel", ({ kernel }) => kernel],
  ["processor", ({ cpuModel }) => cpuModel],
  ["cores", ({ cores }) => String(cores)],
  ["memory", ({ memoryMb }) => `${memoryMb} MB`],
  ["pinning", ({ pinning }) => pinning],
  ["isolation", ({ isolation = "processes" }) => isolation],
];
const SOFTWARE: readonly (readonly [what: string, of: (environment: Environment) => string])[] = [
  ["Node", ({ node }) => node],
  ["agent-derby", ({ agentDerby }) => agentDerby],
  [
    "Postgres",
    ({ postgres }) =>
      Object.entries(postgres)
        .map((entry) => entry.join(" "))
        .sort()
        .join(", ") || "none",
  ],
];
const WORK: readonly (readonly [what: string, of: (summary: Summary) => string])[] = [
  ["seed", ({ campaign }) => campaign.seed],
  ["profile", ({ campaign }) => campaign.profile],
];

/** What makes a machine the same machine for a measurement, by name. */
export function machineOf(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(MACHINE.map(([what, of]) => [what, of(environment)]));
}

function differing<T>(
  kind: Difference["kind"],
  rows: readonly (readonly [string, (of: T) => string])[],
  a: T,
  b: T,
): Difference[] {
  return rows.flatMap(([what, of]) => (of(a) === of(b) ? [] : [{ what, a: of(a), b: of(b), kind }]));
}

/** Promises, deviations and certificates of the runners that both have. */
function runnerDifferences(a: Summary, b: Summary): Difference[] {
  return a.contestants.flatMap((one) => {
    const other = b.contestants.find(({ name }) => name === one.name);
    if (other === undefined) return [];
    return differing(
      "software",
      [
        [`engine of ${one.name}`, ({ version }) => version ?? "unknown"],
        [`certificate of ${one.name}`, ({ certificate }) => certificate],
        [`promises of ${one.name}`, ({ promises }) => JSON.stringify(promises)],
        [`deviations of ${one.name}`, ({ deviations }) => deviations.join(" ") || "none"],
        [
          `defaults for recovery of ${one.name}`,
          ({ recovery = [] }) => recovery.map(({ what, value }) => `${what}: ${value}`).join("; ") || "none",
        ],
      ],
      one,
      other,
    );
  });
}

export function differencesOf(a: Summary, b: Summary): Difference[] {
  return [
    ...differing("machine", MACHINE, a.environment, b.environment),
    ...differing("work", WORK, a, b),
    ...differing("software", SOFTWARE, a.environment, b.environment),
    ...runnerDifferences(a, b),
  ];
}
