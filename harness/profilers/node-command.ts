/** The command of a process on Node, taken apart so that a profiler can stand between Node and its script. */
import { basename } from "node:path";
import { UsageError } from "../errors.ts";
import type { Runner } from "../runner.ts";
import { profiledProcesses } from "./profiler.ts";

export interface NodeCommand {
  readonly node: string;
  readonly flags: readonly string[];
  readonly script: string;
  readonly args: readonly string[];
}

/** Flags of Node whose value may be the next word. */
const TAKES_A_WORD = ["-r", "--require", "--import", "--loader", "-C", "--conditions", "--env-file"];

/** Null where the command does not start a script on Node. */
export function nodeCommand(command: readonly string[]): NodeCommand | null {
  const [node = "", ...rest] = command;
  if (basename(node) !== "node") return null;
  let next = 0;
  while (rest[next]?.startsWith("-")) next += TAKES_A_WORD.includes(rest[next] ?? "") ? 2 : 1;
  const script = rest[next];
  return script === undefined ? null : { node, flags: rest.slice(0, next), script, args: rest.slice(next + 1) };
}

/** @throws UsageError unless every process that would be profiled runs a script on Node */
export function requireNode(runner: Runner, profiler: string): void {
  const others = profiledProcesses(runner).filter(({ command }) => nodeCommand(command) === null);
  if (others.length === 0) return;
  throw new UsageError(
    others.map(
      ({ name, command }) =>
        `${profiler} profiles scripts on Node, and process "${name}" of ${runner.name} is started as "${command.join(" ")}".`,
    ),
  );
}
