/** How a simulated runtime asks the World: one connection for each request, and the tries of the contract's table. */
import type { Line } from "./line.ts";
import type { ModelAnswer, ModelRequest, ToolAnswer, ToolRequest } from "./model-messages.ts";
import type { HeardAnswer } from "./nature.ts";
import type { SimulatedProcess } from "./process.ts";
import { type Routine, until } from "./routine.ts";
import type { SimulatedWorld } from "./world.ts";

/** The contract's numbers, in milliseconds where they are times. */
const MORE_TRIES = 4;
const RETRY_AFTER_MAX_MS = 30_000;
const FIRST_BACKOFF_MS = 500;
const JITTER = 0.25;
const LIMIT_MS = 30_000;

/** The turn cannot be answered and is kept as failed. */
export class TurnFailed extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export type SoldAnswer = Extract<ModelAnswer, { status: 200 }>;

export interface Asking {
  /** Whether what was heard is taken for the answer. */
  takes(answer: HeardAnswer): boolean;
  /** Told of every connection, so that it can be closed from outside; the tries go on all the same. */
  opened(line: Line): void;
  /** Throws when nobody wants the answer any more. */
  check(): void;
  /** The same before another try, which comes long after the last look: whoever lost the session meanwhile must find out here. */
  confirm(): Routine<void>;
}

/** One request on a line of its own; null when the line broke or nothing came in time. */
function* exchange<Answer>(
  by: SimulatedProcess,
  send: (line: Line, answer: (answer: Answer) => void) => void,
  opened: (line: Line) => void,
): Routine<Answer | null> {
  const line = by.connect();
  opened(line);
  const answer = yield* until<Answer | null>((done) => {
    let over = false;
    const finish = (heard: Answer | null): void => {
      if (over) return;
      over = true;
      limit.cancel();
      done(heard);
    };
    const limit = by.time.after(LIMIT_MS, () => {
      finish(null);
      line.close();
    });
    line.onClosed("client", () => finish(null));
    line.send("server", () => send(line, finish));
  });
  by.let(line);
  return answer;
}

/** Asks for one answer. @throws TurnFailed when the model refuses or the tries are used up */
export function* askModel(
  by: SimulatedProcess,
  world: SimulatedWorld,
  request: ModelRequest,
  { takes, opened, check, confirm }: Asking,
): Routine<SoldAnswer> {
  for (let attempt = 0; ; attempt++) {
    const answer = yield* exchange<ModelAnswer>(by, (line, heard) => world.chat(request, line, heard), opened);
    check();
    if (answer?.status === 200) {
      if (takes({ finished: answer.finished, final: answer.calls.length === 0 })) return answer;
    } else if (answer !== null && answer.status < 429) {
      throw new TurnFailed(answer.code === "context_length_exceeded" ? "context_overflow" : "model_refused");
    }
    if (attempt === MORE_TRIES) throw new TurnFailed("model_unavailable");
    const asked = answer !== null && answer.status !== 200 ? answer.retryAfterMs : undefined;
    const backoffMs = FIRST_BACKOFF_MS * 2 ** attempt * (1 - by.random() * JITTER);
    yield* by.sleep(asked === undefined ? backoffMs : Math.min(asked, RETRY_AFTER_MAX_MS));
    yield* confirm();
  }
}

/** Sends one request to a tool; an error is something that the model should hear of. */
export function* useTool(by: SimulatedProcess, world: SimulatedWorld, request: ToolRequest): Routine<string> {
  const answer = yield* exchange<ToolAnswer>(
    by,
    (line, heard) => world.tool(request, line, heard),
    () => undefined,
  );
  return answer?.status === 200 ? answer.body : "error";
}
