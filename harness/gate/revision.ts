/**
 * A runner as it was at another revision of its git repository: checked out into a temporary work tree, which is removed afterwards. Packages
 * are those that are installed now (a link to node_modules); what a build has made is not there, so a runner that needs one must be
 * set up there first.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { UsageError } from "../errors.ts";
import { resolveRunner } from "../runner-check.ts";

const GIT_WITHIN_MS = 60_000;

/** @throws UsageError with what git says */
function git(folder: string, ...args: string[]): string {
  try {
    const options = { encoding: "utf8" as const, timeout: GIT_WITHIN_MS, stdio: "pipe" as const };
    return execFileSync("git", ["-C", folder, ...args], options).trim();
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    throw new UsageError(`git ${args[0]} failed in the runner's repository: ${(stderr || message).trim()}`);
  }
}

/** A runner's folder of another revision. */
export interface CheckedOut {
  /** Names it, as a runner may be named. */
  readonly spec: string;
  /** The full name of the revision. */
  readonly commit: string;
  /** Takes it away again. */
  remove(): void;
}

/** @param spec name or path of a runner in a git repository @throws UsageError where there is no such repository, revision or runner */
export function checkOut(spec: string, revision: string): CheckedOut {
  const { folder } = resolveRunner(spec);
  const variant = /:([^:/]+)$/.exec(spec)?.[0] ?? "";
  const top = git(folder, "rev-parse", "--show-toplevel");
  const commit = git(folder, "rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`);
  const place = mkdtempSync(join(tmpdir(), "agent-derby-revision-"));
  const tree = join(place, "tree");
  const remove = (): void => {
    rmSync(place, { recursive: true, force: true });
    git(top, "worktree", "prune");
  };
  try {
    git(top, "worktree", "add", "--detach", tree, commit);
    if (existsSync(join(top, "node_modules"))) symlinkSync(join(top, "node_modules"), join(tree, "node_modules"));
    const found = `${join(tree, relative(top, folder))}${variant}`;
    resolveRunner(found);
    return { spec: found, commit, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
