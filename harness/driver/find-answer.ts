/**
 * Finds where an answer stands in the body of a response, by the text that it must be: at a path of a JSON document, in pieces at
 * one path of the events of a stream, or as the plain body. Pure.
 */

import type { Mapping } from "../runner.ts";
import { parsed } from "./answer.ts";
import { eventValues } from "./event-stream.ts";

/** Paths of all texts in a value, in the order of the document; names that a path cannot hold are left out. */
function* textPaths(value: unknown, path = "$"): Generator<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value];
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textPaths(item, `${path}[${index}]`);
  else if (typeof value === "object" && value !== null)
    for (const [name, item] of Object.entries(value))
      if (name !== "" && !/[.[\]]/.test(name)) yield* textPaths(item, `${path}.${name}`);
}

/** The path at which the texts of all values, joined, are the answer. */
function pathOfPieces(values: readonly unknown[], answer: string): string | undefined {
  const joined = new Map<string, string>();
  for (const value of values)
    for (const [path, text] of textPaths(value)) joined.set(path, (joined.get(path) ?? "") + text);
  return [...joined].find(([, text]) => text === answer)?.[0];
}

/** How the answer is read from such a body, as a mapping says it; undefined where the text does not stand in it. */
export function findAnswer(body: string, answer: string): Pick<Mapping["answer"], "text" | "sse"> | undefined {
  if (answer === "") return undefined;
  const document = parsed(body);
  const whole = document === undefined ? undefined : pathOfPieces([document], answer);
  if (whole !== undefined) return { text: whole };
  const pieces = pathOfPieces(eventValues(body, "data").map(parsed), answer);
  if (pieces !== undefined) return { text: pieces, sse: "data" };
  return body === answer ? { text: "$" } : undefined;
}
