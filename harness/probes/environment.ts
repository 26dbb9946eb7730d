/** The machine as the report names it: what numbers depend on, and nothing that identifies whose machine it is. */
import { readFileSync } from "node:fs";
import { cpus, release, type as systemType, tmpdir } from "node:os";
import { packageVersion } from "../package-root.ts";
import type { CorePlan } from "../processes/cores.ts";
import { machineLimits } from "../processes/limits.ts";
import { unlessGone } from "../processes/process-table.ts";
import type { Environment } from "../summary.ts";

function systemName(): string {
  if (process.platform === "darwin") return "macOS";
  const text = unlessGone(() => readFileSync("/etc/os-release", "utf8")) ?? "";
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? systemType();
}

/** How the cores were split, as a sentence for the report. */
function describePinning(cores: CorePlan | null): string {
  return cores === null
    ? "none: harness and runtime shared all cores"
    : `harness on ${cores.harness}, runtime on ${cores.runtime}`;
}

/**
 * Reads the environment of a campaign. Holds no host name, user name or path.
 * @param postgres settings of the database in use; empty when no contestant needs one
 */
export function readEnvironment(cores: CorePlan | null, postgres: Readonly<Record<string, string>> = {}): Environment {
  const limits = machineLimits(tmpdir());
  const processors = cpus();
  return {
    agentDerby: packageVersion,
    node: process.version,
    os: systemName(),
    kernel: release(),
    cpuModel: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryMb: Math.floor(limits.memoryBytes / 2 ** 20),
    openFiles: limits.openFilesHard,
    pinning: describePinning(cores),
    postgres,
  };
}
