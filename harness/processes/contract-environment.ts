/** What the contract tells a runtime's process: its environment and command, with the places of runner.json filled in. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError, unknownName } from "../errors.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import { childEnvironment } from "./child.ts";

/** What stays the same for all processes of a trial. */
export interface TrialSurroundings {
  readonly runner: Runner;
  /** Port of each port name of the runner. */
  readonly ports: Readonly<Record<string, number>>;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly worldPort: number;
  /** Where model and tools of the World are reached, if not at its own port. */
  readonly modelPort?: number;
  readonly toolsPort?: number;
  readonly cpus: number;
  readonly memoryMb: number;
  /** What a process finds where it lives before the contract says anything. Default: `childEnvironment`. */
  readonly found?: () => Readonly<Record<string, string>>;
  /** More variables for every process: what the harness needs to observe it. */
  readonly observing: (process: string, incarnation: number) => Readonly<Record<string, string>>;
}

/** What tells one copy of a process from another. */
export interface CopyEnvironment {
  /** Value of REPLICA. */
  readonly replica: number;
  /** Wins over everything but what observes: the environment of a new version. */
  readonly changes: Readonly<Record<string, string>>;
}

const FIRST_COPY: CopyEnvironment = { replica: 0, changes: {} };

/** "sdk-admin" arrives as PORT_SDK_ADMIN. */
const portVariable = (name: string): string => `PORT_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

/** Fills in {port.NAME}, {dataDir} and {env.NAME}. */
function fillIn(text: string, around: TrialSurroundings, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\{(dataDir|port\.([^{}]+)|env\.([^{}]+))\}/g,
    (_whole, what: string, port?: string, name?: string) => {
      if (what === "dataDir") return around.dataDir;
      if (port !== undefined) {
        const number = around.ports[port];
        if (number === undefined) throw new UsageError(unknownName("port", port, Object.keys(around.ports)));
        return String(number);
      }
      const value = env[name ?? ""];
      if (value === undefined)
        throw new UsageError(
          `{env.${name}} stands for a variable that is not set. Set ${name}, or remove it from runner.json.`,
        );
      return value;
    },
  );
}

/**
 * The whole environment of one start of a process. Later ones win: ours, the contract's, the process's own, the variant's, the
 * copy's.
 * @param incarnation number of this start, unique in the trial
 */
export function environmentOf(
  process: RunnerProcess,
  incarnation: number,
  around: TrialSurroundings,
  { replica, changes }: CopyEnvironment = FIRST_COPY,
): Record<string, string> {
  const world = (port = around.worldPort): string => `http://127.0.0.1:${port}/i/${incarnation}`;
  const contract: Record<string, string> = {
    ...(around.found ?? childEnvironment)(),
    ...Object.fromEntries(Object.entries(around.ports).map(([name, port]) => [portVariable(name), String(port)])),
    REPLICA: String(replica),
    INCARNATION: String(incarnation),
    DATA_DIR: around.dataDir,
    CPUS: String(around.cpus),
    MEMORY_MB: String(around.memoryMb),
    ...(around.databaseUrl === null ? {} : { DATABASE_URL: around.databaseUrl }),
    ...(process.world === true
      ? { MODEL_URL: `${world(around.modelPort)}/v1`, TOOLS_URL: `${world(around.toolsPort)}/tools` }
      : {}),
  };
  const own: Record<string, string> = { ...contract };
  for (const [name, value] of Object.entries({ ...process.env, ...around.runner.variantEnv, ...changes }))
    own[name] = fillIn(value, around, contract);
  const { NODE_OPTIONS: observing, ...more } = around.observing(process.name, incarnation);
  const nodeOptions = [own.NODE_OPTIONS, observing].filter((options) => options !== undefined).join(" ");
  return { ...own, ...more, ...(nodeOptions === "" ? {} : { NODE_OPTIONS: nodeOptions }) };
}

/** A command with its places filled in; in the installed package, where sources are compiled, `main.ts` stands for `main.js`. */
export function commandOf(
  command: readonly string[],
  around: TrialSurroundings,
  env: Readonly<Record<string, string>>,
): string[] {
  return command.map((part) => {
    const filled = fillIn(part, around, env);
    if (!filled.endsWith(".ts") || existsSync(join(around.runner.folder, filled))) return filled;
    const compiled = filled.replace(/\.ts$/, ".js");
    return existsSync(join(around.runner.folder, compiled)) ? compiled : filled;
  });
}
