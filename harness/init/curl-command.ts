/**
 * Reads a curl command as people copy it from a browser or a README: method, path, headers and body. Pure; nothing is sent, and a
 * flag that would change the request in a way that is not understood here is an error, never ignored.
 */
import { UsageError } from "../errors.ts";

/** What the command would send. */
export interface CurlCommand {
  readonly method: string;
  /** With query; braces as they were written. */
  readonly path: string;
  /** Names in lower case, in the order in which they were given. */
  readonly headers: ReadonlyMap<string, string>;
  /** Null where it sends none. */
  readonly body: string | null;
}

/** Flags that say how curl behaves or prints, and nothing of the request. */
const SILENT = new Set([..."NsSvikLfg#", "no-buffer", "silent", "show-error", "verbose", "include", "insecure"]);
for (const name of ["location", "fail", "fail-with-body", "compressed", "globoff", "http1.1"]) SILENT.add(name);
/** The same with a value. */
const SILENT_WITH_VALUE = new Set(["o", "m", "w", "output", "max-time", "connect-timeout", "write-out", "retry"]);
/** Flags with a value that make the request, by what they are here. */
const MEANT: Readonly<Record<string, "method" | "header" | "data" | "json" | "url" | "agent" | "cookie">> = {
  X: "method",
  request: "method",
  H: "header",
  header: "header",
  d: "data",
  data: "data",
  "data-raw": "data",
  "data-ascii": "data",
  "data-binary": "data",
  json: "json",
  url: "url",
  A: "agent",
  "user-agent": "agent",
  b: "cookie",
  cookie: "cookie",
};

/**
 * The words of a POSIX shell command: quotes, backslashes and continued lines are undone, variables stay as they are written.
 * @throws UsageError where a quote is left open
 */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "'" || char === '"') {
      const end = closingQuote(text, at);
      const inside = text.slice(at + 1, end);
      word = (word ?? "") + (char === "'" ? inside : inside.replace(/\\(["\\$`\n])/g, (_, c) => (c === "\n" ? "" : c)));
      at = end;
    } else if (char === "\\") {
      const next = text[++at] ?? "";
      if (next !== "\n" && next !== "\r") word = (word ?? "") + next;
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  return word === null ? words : [...words, word];
}

function closingQuote(text: string, open: number): number {
  const quote = text[open];
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === quote) return at;
    if (quote === '"' && text[at] === "\\") at++;
  }
  throw new UsageError(`The curl command has a quote (${quote}) that is not closed: ${text.slice(open, open + 40)}`);
}

/** A flag as it was written, its value, or undefined where it has none. */
type Flag = readonly [written: string, name: string, value: string | undefined];

/** Parts words into flags and what is no flag. */
function partWords(words: readonly string[]): { readonly flags: Flag[]; readonly others: string[] } {
  const flags: Flag[] = [];
  const others: string[] = [];
  const waiting = [...words];
  const takesValue = (name: string): boolean => Object.hasOwn(MEANT, name) || SILENT_WITH_VALUE.has(name);
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (word.startsWith("--")) {
      const name = word.slice(2);
      flags.push([word, name, takesValue(name) ? waiting.shift() : undefined]);
    } else if (word.startsWith("-") && word !== "-") {
      // Short flags may stand together, the last one with its value: -sSXPOST.
      const valued = [...word.slice(1)].findIndex(takesValue);
      const silent = valued === -1 ? word.slice(1) : word.slice(1, valued + 1);
      for (const name of silent) flags.push([`-${name}`, name, undefined]);
      if (valued !== -1) {
        const name = word[valued + 1] ?? "";
        flags.push([`-${name}`, name, word.slice(valued + 2) || waiting.shift()]);
      }
    } else others.push(word);
  }
  return { flags, others };
}

/** The path and query of an address; its host is of no interest, since the harness chooses the port. */
function pathOf(url: string): string {
  const [, rest] = /^(?:https?:\/\/)?[^/?#\s]+([/?][^#\s]*)?(?:#.*)?$/.exec(url) ?? [];
  if (url.includes("://") && !/^https?:/.test(url)) throw new UsageError(`${url} is not an address of HTTP.`);
  return rest === undefined ? "/" : rest.startsWith("?") ? `/${rest}` : rest;
}

/** @throws UsageError for what is no curl command, or asks for something that is not understood here */
export function parseCurl(text: string): CurlCommand {
  const [program, ...words] = shellWords(text);
  if (program !== "curl") throw new UsageError(`A curl command begins with "curl", not with "${program ?? ""}".`);
  const { flags, others } = partWords(words);
  const headers = new Map<string, string>();
  const data: string[] = [];
  const urls = [...others];
  let method: string | undefined;
  for (const [written, name, value] of flags) {
    const meaning = MEANT[name];
    if (meaning === undefined && (SILENT.has(name) || SILENT_WITH_VALUE.has(name))) continue;
    if (meaning === undefined)
      throw new UsageError(`The curl command has ${written}, which is not understood. Write it with -X, -H and -d.`);
    if (value === undefined) throw new UsageError(`The curl command ends after ${written}, which wants a value.`);
    if (meaning === "method") method = value;
    else if (meaning === "header") {
      const colon = value.indexOf(":");
      if (colon < 1) throw new UsageError(`"${value.slice(0, 20)}" is not a header. Expected -H "Name: value".`);
      headers.set(value.slice(0, colon).trim().toLowerCase(), value.slice(colon + 1).trim());
    } else if (meaning === "cookie") headers.set("cookie", value);
    else if (meaning === "url") urls.push(value);
    else if (meaning !== "agent") data.push(value);
  }
  const [url, ...more] = urls;
  if (url === undefined) throw new UsageError("The curl command names no address.");
  if (more.length > 0) throw new UsageError(`The curl command names more than one address: ${urls.join(" ")}`);
  if (data.some((value) => value.startsWith("@")))
    throw new UsageError("The curl command reads its body from a file (@). Write the JSON itself after -d.");
  const body = data.length === 0 ? null : data.join("&");
  return { method: method ?? (body === null ? "GET" : "POST"), path: pathOf(url), headers, body };
}
