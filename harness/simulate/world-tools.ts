/** The tools of the simulated World: effects in the real ledger, faults from the real catalogue, leave to crash. */
import { assert } from "../errors.ts";
import type { WorldEvent } from "../history.ts";
import { fnv1a32 } from "../random.ts";
import type { Book } from "../world/book.ts";
import { TOOL_FAULTS, type ToolAction } from "../world/faults/tool-faults.ts";
import type { EffectLedger } from "../world/ledger.ts";
import { type TurnInput, toolDelayMs } from "../world/script.ts";
import type { Line } from "./line.ts";
import type { ToolAnswer, ToolRequest } from "./model-messages.ts";
import type { SimulatedTime } from "./time.ts";

export interface ToolSurroundings {
  readonly time: SimulatedTime;
  readonly book: Book;
  readonly ledger: EffectLedger;
  readonly emit: (event: WorldEvent) => void;
  readonly inputOf: (session: string, turn: number) => TurnInput;
}

interface Served {
  readonly kind: string;
  readonly action: ToolAction;
}

const named = ({ session: s, turn: n, call }: ToolRequest) => ({ s, n, k: call.step, c: call.index, p: call.purchase });

export class SimulatedTools {
  readonly #around: ToolSurroundings;

  constructor(around: ToolSurroundings) {
    this.#around = around;
  }

  /** A request was read. */
  answer(request: ToolRequest, line: Line, answer: (answer: ToolAnswer) => void): void {
    const { time, book, emit, inputOf } = this.#around;
    const { session, turn, call, incarnation: i, key, fence } = request;
    const counts = book.call(session, turn, call.step, call.index);
    const attempt = ++counts.requests;
    const served = servedFor(request, attempt);
    emit({
      e: "tool",
      t: time.clock(),
      ...named(request),
      name: call.tool,
      i,
      ...(key !== undefined && { key }),
      ...(fence !== undefined && { fence }),
      ...(served !== undefined && { fault: served.kind }),
    });
    const takesMs = toolDelayMs(inputOf(session, turn), call.step, call.index, call.tool, attempt);
    time.after(takesMs + (served?.action.delayMs ?? 0), () => this.#work(request, served, line, answer));
  }

  /** The effect happens when its time has passed, whether or not the caller still waits. */
  #work(request: ToolRequest, served: Served | undefined, line: Line, answer: (answer: ToolAnswer) => void): void {
    const reply = served?.action.applies === false ? { status: 0, body: "" } : this.#apply(request);
    const waitMs = served?.action.answerAfterMs ?? 0;
    if (waitMs === 0) this.#conclude(request, reply, served, line, answer);
    else this.#around.time.after(waitMs, () => this.#conclude(request, reply, served, line, answer));
  }

  #apply(request: ToolRequest): ToolAnswer {
    const { ledger, emit, time } = this.#around;
    const { session, turn, call, key, fence } = request;
    const hash = fnv1a32([call.tool, session, turn, call.step, call.index, call.purchase].join("_")).toString(36);
    const effect = call.effect ?? "keyed";
    const { result, status, body } = ledger.apply({
      tool: call.tool,
      effect,
      session,
      answer: `${call.tool}_${hash}`,
      ...(key !== undefined && { key }),
      ...(fence !== undefined && { fence }),
    });
    const fenced = fence === undefined ? {} : { fence };
    emit({ e: "effect", t: time.clock(), ...named(request), kind: effect, result, ...fenced });
    return { status, body };
  }

  #conclude(
    request: ToolRequest,
    reply: ToolAnswer,
    served: Served | undefined,
    line: Line,
    answer: (answer: ToolAnswer) => void,
  ): void {
    const { emit, time } = this.#around;
    const answers = served?.action.answers ?? "ordinary";
    const status = answers === "ordinary" ? reply.status : answers === "error" ? (served?.action.status ?? 500) : 0;
    const fault = served === undefined ? {} : { fault: served.kind };
    const tell = (gone: boolean): void =>
      emit({ e: "told", t: time.clock(), ...named(request), status, ...(gone && { aborted: true }), ...fault });
    if (answers === "none" && line.isOpen) {
      line.onClosed("server", () => tell(true));
      return;
    }
    tell(!line.isOpen);
    if (answers === "reset") line.close();
    else line.send("client", () => answer({ status, body: status === 200 ? reply.body : "" }));
  }
}

function servedFor({ call }: ToolRequest, attempt: number): Served | undefined {
  const { fault } = call;
  const attempts = fault?.attempts ?? 1;
  if (fault === undefined || (attempts !== "all" && attempt > attempts)) return undefined;
  const known = TOOL_FAULTS[fault.kind];
  assert(known !== undefined, `tool fault ${fault.kind} is not known`);
  return { kind: fault.kind, action: known.act(fault.with ?? {}) };
}
