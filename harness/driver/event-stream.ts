/**
 * Reads a text/event-stream (the format of the WHATWG HTML standard, "Server-sent events"), piece by piece as it comes.
 * Unlike a browser it also takes a last event that no blank line ends, since many backends close the stream right after it.
 */
import { StringDecoder } from "node:string_decoder";

/** One event that has the field looked for: its value, lines joined by line feeds, and the event's name, "" where it has none. */
export interface ServerEvent {
  readonly value: string;
  readonly name: string;
}

/** The value of a line, if it is one of this field. */
function valueIn(line: string, field: string): string | undefined {
  if (!line.startsWith(`${field}:`)) return undefined;
  const value = line.slice(field.length + 1);
  return value.startsWith(" ") ? value.slice(1) : value;
}

/** An event from its lines; undefined where it lacks the field, or is `[DONE]`, the end mark of many APIs. */
function eventOf(text: string, field: string): ServerEvent | undefined {
  const lines: string[] = [];
  let name = "";
  for (const line of text.split("\n")) {
    const value = valueIn(line, field);
    if (value !== undefined) lines.push(value);
    else name = valueIn(line, "event") ?? name;
  }
  const value = lines.join("\n");
  return lines.length === 0 || value === "[DONE]" ? undefined : { value, name };
}

/** A stream that is read while it comes; it holds no more than the event that has not ended. */
export class EventStream {
  readonly #field: string;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  #begun = false;

  /** @param field whose values are looked for, normally "data" */
  constructor(field: string) {
    this.#field = field;
  }

  /** The events that have ended with this chunk. */
  read(chunk: Buffer): ServerEvent[] {
    return this.#take(this.#decoder.write(chunk));
  }

  /** The event that no blank line ended. */
  end(): ServerEvent[] {
    return this.#take(`${this.#decoder.end()}\n\n`);
  }

  #take(text: string): ServerEvent[] {
    this.#rest += text;
    if (!this.#begun && this.#rest !== "") {
      this.#begun = true;
      this.#rest = this.#rest.replace(/^\uFEFF/, "");
    }
    // A line feed that belongs to a last carriage return may be still to come.
    const held = this.#rest.endsWith("\r") ? "\r" : "";
    if (this.#rest.includes("\r"))
      this.#rest = this.#rest.slice(0, this.#rest.length - held.length).replace(/\r\n?/g, "\n");
    const events: ServerEvent[] = [];
    let from = 0;
    for (let to = this.#rest.indexOf("\n\n"); to !== -1; to = this.#rest.indexOf("\n\n", from)) {
      const event = eventOf(this.#rest.slice(from, to), this.#field);
      if (event !== undefined) events.push(event);
      from = to + 2;
    }
    this.#rest = this.#rest.slice(from) + held;
    return events;
  }
}

/** The values of `field` in a whole stream, one per event that has it. */
export function eventValues(stream: string, field: string): string[] {
  const reader = new EventStream(field);
  return [...reader.read(Buffer.from(stream)), ...reader.end()].map(({ value }) => value);
}
