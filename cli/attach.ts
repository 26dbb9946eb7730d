/** The options by which a backend that is running already is tested, shared by `conform` and `run`. */
import { isIP } from "node:net";
import { type Attached, LOOPBACK, visitNow } from "../harness/attached.ts";
import { type FlagProblems, integerFlag } from "./flags.ts";

/** As commander hands them over: texts, not yet checked. */
export interface AttachFlags {
  readonly attach?: string;
  readonly worldPort?: string;
  readonly bind?: string;
}

export const ATTACH_OPTIONS = {
  attach: ["--attach <url>", "test a backend that is running already: nothing is started or killed"],
  worldPort: [
    "--world-port <n>",
    "with --attach: the port at which it looks for its model (http://127.0.0.1:PORT/i/1/v1)",
  ],
  bind: [
    "--bind <address>",
    `with --attach: where the model listens, for a backend in a container (default: ${LOOPBACK})`,
  ],
} as const;

/** An address with nothing in it that would have to be kept secret, or that would be left out of requests. */
function isPlain(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(given);
  return protocol === "http:" && username + password + search + hash === "" && pathname === "/";
}

/** What is attached to; undefined where nothing is. */
export function attachFlags(problems: FlagProblems, flags: AttachFlags): Attached | undefined {
  const { attach, bind } = flags;
  const port = integerFlag(problems, "--world-port", flags.worldPort, 1_024, 65_535);
  if (attach === undefined) {
    if (flags.worldPort !== undefined || bind !== undefined)
      problems.add(
        "--world-port and --bind say where a backend of --attach finds the model; leave them out without it.",
      );
    return undefined;
  }
  if (!isPlain(attach))
    problems.add(
      `--attach takes an address like http://127.0.0.1:3000, not "${attach}"; paths and tokens belong to the mapping in runner.json.`,
    );
  if (port === undefined)
    problems.add("--attach needs --world-port: the port at which the backend looks for its model.");
  if (bind !== undefined && isIP(bind) === 0) problems.add(`--bind takes an IP address, not "${bind}".`);
  const url = attach.replace(/\/$/, "");
  return { url, world: { host: bind ?? LOOPBACK, port: port ?? 0 }, visit: visitNow() };
}

/** What the owner of a backend has to know, on stderr. */
export function tellOfAttached({ url, world }: Attached): void {
  const at = world.host === LOOPBACK ? LOOPBACK : "THIS-MACHINE";
  process.stderr.write(
    `Attached to ${url}. Its model has to be at http://${at}:${world.port}/i/1/v1 (tools at /i/1/tools) since its start.\n`,
  );
  if (world.host !== LOOPBACK)
    process.stderr.write(
      `Warning: the scripted model listens on ${world.host}, without a password: whoever reaches that address can ask it.\n`,
    );
}
