/**
 * Makes of a curl command the request half of a mapping. Secrets never get into it: what a header refers to by `$NAME` becomes
 * `{env.NAME}`, a literal secret is replaced by such a reference, and where neither is possible the command is refused.
 */
import { UsageError } from "../errors.ts";
import type { Mapping } from "../runner.ts";
import type { CurlCommand } from "./curl-command.ts";

/** What of a mapping can be read from a command; how the answer is read is not in it. */
export interface CurlMapping {
  readonly mapping: Pick<Mapping, "request" | "headers" | "body">;
  /** The command asks for a stream. */
  readonly streams: boolean;
  /** Values that were given literally and are not in the mapping, by the variable that stands for them. Never to be written down. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What was changed, as sentences. */
  readonly says: readonly string[];
}

/** The client writes these itself. */
const OWN_HEADERS = new Set(["content-type", "accept", "content-length", "host", "user-agent", "connection"]);
const SECRET_HEADER = /authorization|cookie|token|secret|password|api-?key|session-?key/;
const SECRET_NAME =
  /^(.*[-_])?(api[-_]?key|access[-_]?key|token|secret|password|authorization)$|[a-z](Key|Token|Secret|Password)$/i;
/** A scheme stays readable beside its secret. */
const SCHEME = /^(Bearer|Basic|Token|ApiKey)\s+/i;
const VARIABLE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/** "x-api-key" as DERBY_X_API_KEY. */
const variableFor = (header: string): string => `DERBY_${header.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

/** Whether a value under this name, in a place that is written into files, would be a secret. */
export const looksSecret = (name: string): boolean => SECRET_NAME.test(name);

function headerOf(name: string, given: string, secrets: Map<string, string>, says: string[]): string {
  const value = given.replaceAll(VARIABLE, (_, braced?: string, plain?: string) => `{env.${braced ?? plain ?? ""}}`);
  if (value.includes("{env.") || !SECRET_HEADER.test(name)) return value;
  const scheme = SCHEME.exec(value)?.[0] ?? "";
  const variable = variableFor(name);
  secrets.set(variable, value.slice(scheme.length));
  says.push(
    `The value of the header "${name}" looks like a secret and was not written down: set ${variable} in the environment${scheme === "" ? "" : ` (without "${scheme.trim()}")`}.`,
  );
  return `${scheme}{env.${variable}}`;
}

function bodyOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new UsageError(`The body of the curl command is not JSON: ${(error as Error).message}.`);
  }
}

/** Names under which a JSON value holds texts of its own, at any depth. */
function* textNames(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "string" && !/^\{(session|turn|input)\}$/.test(inner)) yield name;
    yield* textNames(inner);
  }
}

/** Secrets outside headers cannot be referred to, and would be written down. */
function refuseSecrets(path: string, body: unknown): void {
  const query = [...new URLSearchParams(path.split("?")[1] ?? "").keys()];
  const found = [...query, ...textNames(body)].find(looksSecret);
  if (found !== undefined)
    throw new UsageError(
      `"${found}" looks like a secret outside the headers, and would be written into files. Send it as a header: -H "Authorization: Bearer $TOKEN".`,
    );
}

/** @throws UsageError naming what is missing: the places of session and input, a JSON body, or a place for a secret */
export function mappingOfCurl(curl: CurlCommand): CurlMapping {
  if (curl.body === null) throw new UsageError("The curl command sends no body. Expected -d with the JSON of a turn.");
  const body = bodyOf(curl.body);
  const everywhere = [curl.path, curl.body, ...curl.headers.values()].join("\n");
  const missing = [
    ["{session}", "the id of the conversation"],
    ["{input}", "what the user says"],
  ].filter(([place = ""]) => !everywhere.includes(place));
  if (missing.length > 0)
    throw new UsageError(
      missing.map(([place, what]) => `The curl command has no ${place}: put it where ${what} goes.`),
    );
  refuseSecrets(curl.path, body);
  const says: string[] = [];
  const secrets = new Map<string, string>();
  const headers = [...curl.headers]
    .filter(([name]) => !OWN_HEADERS.has(name))
    .map(([name, value]) => [name, headerOf(name, value, secrets, says)] as const);
  const mapping = {
    request: `${curl.method.toUpperCase()} ${curl.path}`,
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    body,
  };
  return { mapping, streams: curl.headers.get("accept")?.includes("event-stream") === true, secrets, says };
}
