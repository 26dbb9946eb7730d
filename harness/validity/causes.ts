/** Why a limit was passed, as far as it can be seen: what else had the harness's cores, and what our own processes did to themselves. */
import type { GuardedFigure } from "./certificate.ts";
import type { Evidence } from "./evidence.ts";

/** From here on something explains a late harness. Below, it is the ordinary noise of a machine (and of counters that tick at 100 Hz). */
const EXPLAINS = {
  stealShare: 0.02,
  foreignShare: 0.05,
  /** Our own processes alone: the load is more than their cores carry. */
  ownShare: 0.85,
  memoryPressure: 0.05,
} as const;

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** Collections long enough to explain a figure that passed its limit: at least half of it. */
function collections({ processes }: Evidence, passed: readonly GuardedFigure[]): string[] {
  return (["driver", "world"] as const).flatMap((name) => {
    const longestMs = processes[name].gc?.longestMs ?? 0;
    if (!passed.some(({ of, unit, measured }) => of === name && unit === "ms" && longestMs >= (measured ?? 0) / 2))
      return [];
    return [`A garbage collection of the ${name === "world" ? "World" : name} took ${longestMs} ms.`];
  });
}

/** One sentence per cause, or one that says that none was found and what was looked at. @param passed limits that were passed */
export function causesOf(evidence: Evidence, passed: readonly GuardedFigure[]): string[] {
  const { machine } = evidence;
  // What the machine took from the runtime is a cause itself.
  if (passed.every(({ of }) => of === "machine")) return [];
  const collected = collections(evidence, passed);
  if (machine === null)
    return collected.length > 0
      ? collected
      : ["The cause is not known: steal and other processes were not measured on this machine."];
  const { harness, pressure } = machine;
  const where = harness.cores === null ? "all cores" : harnessCores(harness.cores);
  const causes = [
    ...(harness.stealShare >= EXPLAINS.stealShare
      ? [`The hypervisor took ${percent(harness.stealShare)} of ${where} (steal).`]
      : []),
    ...(harness.foreignShare >= EXPLAINS.foreignShare
      ? [`Other processes used ${percent(harness.foreignShare)} of ${where}.`]
      : []),
    ...(harness.ownShare >= EXPLAINS.ownShare
      ? [`The harness itself used ${percent(harness.ownShare)} of ${where}: this load is more than it carries.`]
      : []),
    ...(pressure !== null && pressure.memory >= EXPLAINS.memoryPressure
      ? [`Processes waited for memory in ${percent(pressure.memory)} of the time.`]
      : []),
    ...collected,
  ];
  if (causes.length > 0) return causes;
  return [
    `The cause is not known: steal took ${percent(harness.stealShare)} of ${where}, other processes ${percent(harness.foreignShare)}, the harness itself ${percent(harness.ownShare)}.`,
  ];
}

/** "core 0, the harness's" or "cores 0-3, the harness's". */
export const harnessCores = (list: string): string => `core${/^\d+$/.test(list) ? "" : "s"} ${list}, the harness's`;
