/**
 * A turn as its client sees it who reads along: `token` events while the model speaks, then one `result`, as server-sent events.
 *
 * Promises: the turn never waits for its client. What a slow client does not take is held and joined, so that at most the text
 * of the turn is kept; a client that has gone costs nothing more. Until the first token nothing is sent, so that whatever goes
 * wrong before it keeps its plain status.
 */
import type { ServerResponse } from "node:http";
import type { Listener, TurnResult } from "./messages.ts";

/** Text that the client has not been sent yet; null: the step begins anew. */
interface Held {
  readonly step: number;
  text: string | null;
}

const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Ends a stream that has begun: nobody knows how the turn stands. */
export function writeError(response: ServerResponse, body: { readonly error: string }): void {
  response.end(frame("error", body));
}

export class EventAnswer implements Listener {
  readonly #response: ServerResponse;
  #held: Held[] = [];
  #blocked = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  readonly token = (step: number, text: string): void => {
    const last = this.#held.at(-1);
    if (last?.step === step && last.text !== null) last.text += text;
    else this.#held.push({ step, text });
    this.#send();
  };

  readonly restart = (step: number): void => {
    this.#held = [...this.#held.filter((held) => held.step !== step), { step, text: null }];
    this.#send();
  };

  /** The last event: the body of the plain answer. */
  result(result: TurnResult): void {
    this.#begin();
    this.#response.end(this.#takeHeld() + frame("result", result));
  }

  #send(): void {
    if (this.#response.destroyed) this.#held = [];
    if (this.#blocked || this.#held.length === 0) return;
    this.#begin();
    if (this.#response.write(this.#takeHeld())) return;
    this.#blocked = true;
    this.#response.once("drain", () => {
      this.#blocked = false;
      if (!this.#response.writableEnded) this.#send();
    });
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  }

  #takeHeld(): string {
    const text = this.#held.map(({ step, text }) =>
      text === null ? frame("restart", { step }) : frame("token", { step, text }),
    );
    this.#held = [];
    return text.join("");
  }
}
