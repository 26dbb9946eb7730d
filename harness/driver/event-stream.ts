/**
 * Reads a whole text/event-stream (the format of the WHATWG HTML standard, "Server-sent events") into the values of one field.
 * Unlike a browser it also takes a last event that no blank line ends, since many backends close the stream right after it.
 */

/** The values of `field`, one per event that has it, its lines joined by line feeds; `[DONE]`, the end mark of many APIs, is left out. */
export function eventValues(stream: string, field: string): string[] {
  const values: string[] = [];
  const lineFeedsOnly = stream.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  for (const event of lineFeedsOnly.split(/\n\n+/)) {
    const lines: string[] = [];
    for (const line of event.split("\n")) {
      if (!line.startsWith(`${field}:`)) continue;
      const value = line.slice(field.length + 1);
      lines.push(value.startsWith(" ") ? value.slice(1) : value);
    }
    const value = lines.join("\n");
    if (lines.length > 0 && value !== "[DONE]") values.push(value);
  }
  return values;
}
