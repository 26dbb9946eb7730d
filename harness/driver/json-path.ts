/**
 * The small part of JSON path that a mapping needs: `$`, `.name` and `[index]`, for example `$.choices[0].delta.content`.
 * Filters, wildcards and quoted names are left out; nothing that answers a chat needs them.
 */
import { UsageError } from "../errors.ts";

/** A parsed path: names and indexes from the root down. */
export type JsonPath = readonly (string | number)[];

/** Parses a path. Throws UsageError when the text is no path of this kind. */
export function parseJsonPath(text: string): JsonPath {
  if (!/^\$(\.[^.[\]]+|\[\d+\])*$/.test(text)) {
    throw new UsageError(`"${text}" is not a JSON path. Expected the form "$.answer" or "$.choices[0].text".`);
  }
  const parts = text.slice(1).match(/\.[^.[\]]+|\[\d+\]/g) ?? [];
  return parts.map((part) => (part.startsWith("[") ? Number(part.slice(1, -1)) : part.slice(1)));
}

/** The value at a path; undefined where it leads nowhere. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const part of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined;
  }
  return value;
}
