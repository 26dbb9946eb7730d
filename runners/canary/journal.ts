/**
 * The journal: one file of JSON lines. A line is written before anything follows from it, so what a killed process knew is there;
 * a line that broke off is dropped.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Message, TurnResult } from "../kit/typescript/messages.ts";

/** A turn: what it was asked, all that was said since, and how it ended, if it has. */
export interface KeptTurn {
  readonly turn: string;
  readonly input: string;
  messages: Message[];
  result?: TurnResult;
}

type Line = { readonly session: string; readonly turn: string } & (
  | { readonly input: string }
  | { readonly message: Message }
  | { readonly result: TurnResult }
);

export class Journal {
  readonly #file: string;
  /** The file was there when this process began. */
  readonly existed: boolean;

  /** @param folder all that survives the process */
  constructor(folder: string) {
    this.#file = join(folder, "turns.ndjson");
    this.existed = existsSync(this.#file);
  }

  write(line: Line): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  /** Turns by session, in the order in which they were begun. */
  read(): Map<string, KeptTurn[]> {
    const sessions = new Map<string, KeptTurn[]>();
    const text = this.existed ? readFileSync(this.#file, "utf8") : "";
    // What stands behind the last line break was never written to its end.
    for (const row of text.split("\n").slice(0, -1)) {
      const line = JSON.parse(row) as Line;
      const turns = sessions.get(line.session) ?? [];
      sessions.set(line.session, turns);
      const known = turns.find(({ turn }) => turn === line.turn);
      if ("input" in line) {
        if (known === undefined) turns.push({ turn: line.turn, input: line.input, messages: [] });
        else known.messages = [];
      } else if (known !== undefined && "message" in line) known.messages.push(line.message);
      else if (known !== undefined && "result" in line) known.result = line.result;
    }
    return sessions;
  }
}
