/** Reading JSON that somebody else wrote: whatever it holds, nothing here throws. */

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** The objects of a list; empty for anything else. */
export const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

export const textIn = (value: unknown): string => (typeof value === "string" ? value : "");

/** The value of a text, or undefined when it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object of a text, or an empty one when it holds none. */
export function objectIn(text: string): Json {
  const value = parsed(text);
  return isObject(value) ? value : {};
}
