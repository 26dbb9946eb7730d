/**
 * Temporary directories that only their owner's token can remove. Each holds an owner file: the first line names the harness by
 * pid and start time and repeats the token of the directory's name; the lines after it are the process groups that belong to the
 * directory. So whoever finds a directory can tell whether its owner is dead, what to end, and that it may be removed.
 */
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { TrialError } from "../errors.ts";
import { isAlive, type ProcessIdentity, readProcess, unlessGone } from "./process-table.ts";

const OWNER_FILE = ".agent-derby-owner";
const NAME = /^agent-derby-([0-9a-f]{16})$/;

/** A directory of ours and the token that removes it. */
export interface MarkedDirectory {
  readonly path: string;
  readonly token: string;
}

/** What an owner file says. */
interface OwnerFile {
  readonly owner: ProcessIdentity;
  readonly token: string;
  /** Lines for `Remains`, as they were appended. */
  readonly lines: readonly string[];
}

/** pid and start time of the process that runs this. */
export function ownIdentity(): ProcessIdentity {
  const row = readProcess(process.pid);
  if (row === undefined) throw new TrialError("This process is not listed among the processes of this machine.");
  return { pid: row.pid, startTime: row.startTime };
}

/** Makes `agent-derby-<token>` in `parent` (mode 755, so that a database under another user id can reach its part). */
export function createMarkedDirectory(
  parent: string = tmpdir(),
  owner: ProcessIdentity = ownIdentity(),
): MarkedDirectory {
  const token = randomBytes(8).toString("hex");
  const path = join(parent, `agent-derby-${token}`);
  mkdirSync(path);
  chmodSync(path, 0o755);
  writeFileSync(
    join(path, OWNER_FILE),
    `${JSON.stringify({ owner: { pid: owner.pid, startTime: owner.startTime }, token })}\n`,
  );
  return { path, token };
}

/** Appends a line about a process group to the directory's owner file. */
export function noteInOwnerFile(directory: MarkedDirectory, line: string): void {
  appendFileSync(join(directory.path, OWNER_FILE), `${line}\n`);
}

function readOwnerFile(path: string): OwnerFile | undefined {
  const text = unlessGone(() => readFileSync(join(path, OWNER_FILE), "utf8"));
  const [first, ...lines] = (text ?? "").split("\n").filter((line) => line !== "");
  if (first === undefined) return undefined;
  const { owner, token } = JSON.parse(first) as { owner: ProcessIdentity; token: string };
  return { owner, token, lines };
}

/**
 * Removes a marked directory with all it holds. Whatever is not a real directory named by the token and holding an owner file
 * with the same token is refused with an error, so that a wrong path can never cost anybody's files. A directory that is gone is fine.
 */
export function removeMarkedDirectory(directory: MarkedDirectory): void {
  const { path, token } = directory;
  const status = unlessGone(() => lstatSync(path));
  if (status === undefined) return;
  const named = NAME.exec(basename(path))?.[1];
  if (!status.isDirectory() || named !== token || readOwnerFile(path)?.token !== token) {
    throw new TrialError(`Refusing to remove ${path}: it does not hold the token that marks it as ours.`);
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Marked directories in `parent` that belong to this user. */
function findMarked(parent: string): (MarkedDirectory & OwnerFile)[] {
  return readdirSync(parent).flatMap((name) => {
    const token = NAME.exec(name)?.[1];
    const path = join(parent, name);
    const status = token === undefined ? undefined : unlessGone(() => lstatSync(path));
    // In a shared /tmp another user could plant a directory with the pids of our processes in it.
    if (token === undefined || status === undefined || !status.isDirectory() || status.uid !== process.getuid?.())
      return [];
    const found = readOwnerFile(path);
    return found === undefined || found.token !== token ? [] : [{ ...found, path }];
  });
}

/** Marked directories in `parent` whose owner is dead, with the lines of their owner files. */
export function findAbandoned(parent: string = tmpdir()): (MarkedDirectory & Pick<OwnerFile, "lines">)[] {
  return findMarked(parent).flatMap(({ owner, path, token, lines }) =>
    isAlive(owner) ? [] : [{ path, token, lines }],
  );
}

/** Paths of the marked directories in `parent` that belong to this very process. */
export function liveDirectories(parent: string): string[] {
  const own = ownIdentity();
  return findMarked(parent).flatMap(({ owner, path }) =>
    owner.pid === own.pid && owner.startTime === own.startTime ? [path] : [],
  );
}
