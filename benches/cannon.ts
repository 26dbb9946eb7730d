/**
 * A closed loop by autocannon: so many connections, each with a session of its own that takes turn after turn and makes way for a new
 * one after eight. Promises: every answer is compared with what the model said; an answer that never came is an error, even where
 * autocannon connects anew and says nothing; no turn is under way when the load has ended.
 *
 * Times are those of single answers, in fractions of a millisecond, before autocannon counts them in whole ones. Its correction for
 * coordinated omission has nothing to do here: see docs/decisions/autocannon-as-the-other-opinion.md.
 */
import autocannon, { type Client, type Outgoing } from "autocannon";
import type { Contestant } from "./contestant.ts";
import { ANSWER_WITHIN_MS, type Load, TurnSequence } from "./turn-load.ts";

/** A runtime that is gone refuses connections as fast as they are tried. */
const GIVE_UP_AFTER_ERRORS = 100;
/** How often autocannon looks whether it is to end. */
const LOOK_EVERY_MS = 100;
/** Longer than any step: the caller ends the load. */
const LENGTH_S = 3_600;

/** A load that goes on when turns fail, and remembers that they did. */
export interface CannonLoad extends Load {
  /** What went wrong, in the order in which it did. */
  readonly errors: readonly string[];
}

/** Who is asked, and how. */
type Asked = Pick<Contestant, "baseUrl" | "mapping">;

/** What one connection asks, and what it makes of the answers. */
function occupy(client: Client, contestant: Asked, tookMs: number[], errors: string[]): void {
  const turns = new TurnSequence(contestant);
  let asked = false;
  let right = false;
  const failed = (sentence: string): void => {
    errors.push(sentence);
    turns.abandon();
  };
  client.setRequests([
    {
      setupRequest: (defaults): Outgoing => {
        if (asked) failed("The connection was lost before a turn was answered.");
        asked = true;
        const { method, path, headers, body } = turns.next();
        return { ...defaults, method, path, headers, ...(body !== null && { body }) };
      },
      onResponse: (status, body) => {
        asked = false;
        const wrong = turns.wrong({ status, body });
        right = wrong === null;
        if (wrong !== null) failed(wrong);
      },
    },
  ]);
  client.on("response", (_status, _bytes, ms) => {
    if (right) tookMs.push(ms);
  });
}

/** Starts it; `stop` lets every connection end with the answer it waits for. */
export function cannonLoad(contestant: Asked, connections: number): CannonLoad {
  const clients: Client[] = [];
  const tookMs: number[] = [];
  const errors: string[] = [];
  const run = autocannon({
    url: contestant.baseUrl,
    connections,
    duration: LENGTH_S,
    timeout: ANSWER_WITHIN_MS / 1000,
    sampleInt: LOOK_EVERY_MS,
    bailout: GIVE_UP_AFTER_ERRORS,
    setupClient: (client) => {
      clients.push(client);
      occupy(client, contestant, tookMs, errors);
    },
  });
  run.on("reqError", (error) => errors.push(`A request failed: ${error.message}.`));
  return {
    tookMs,
    errors,
    done: Promise.resolve(run),
    stop: () => {
      for (const client of clients) client.responseMax = 1;
    },
  };
}
