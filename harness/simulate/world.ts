/**
 * The simulated World: the real script, wording, ledger, counts and faults, without sockets and frames.
 *
 * Promises: the events of `world-event.ts`, with the stamps and in the order in which the real World would have written them.
 * Leaves out what no checker looks at: single frames, calls outside the script, held turns.
 */
import { assert } from "../errors.ts";
import type { WorldEvent } from "../history.ts";
import { findLinks, fingerprint } from "../identity.ts";
import type { TrialPlan } from "../trial.ts";
import { Book } from "../world/book.ts";
import type { FaultAction } from "../world/faults/fault.ts";
import { WORLD_FAULTS } from "../world/faults/index.ts";
import { EffectLedger } from "../world/ledger.ts";
import { LocalResults } from "../world/local-results.ts";
import {
  firstTokenDelayMs,
  type ResolvedStep,
  type ResolvedTurn,
  resolveTurn,
  type TurnInput,
} from "../world/script.ts";
import { completionTokens } from "../world/wording.ts";
import type { Line } from "./line.ts";
import type { ModelAnswer, ModelRequest, NamedCall, ToolAnswer, ToolRequest } from "./model-messages.ts";
import type { SimulatedTime } from "./time.ts";
import { SimulatedTools } from "./world-tools.ts";

/** A completion on its way. */
interface Sale {
  readonly named: { readonly s: string; readonly n: number; readonly k: number; readonly p: number };
  readonly input: TurnInput;
  readonly resolved: ResolvedStep;
  readonly final: boolean;
  readonly attempt: number;
  readonly action: FaultAction | undefined;
}

/** Statuses that the runtime tells apart; a script may name others, which mean the same as 500. */
type Refusal = Exclude<ModelAnswer, { status: 200 }>;

export class SimulatedWorld {
  readonly events: WorldEvent[] = [];
  readonly #plan: TrialPlan;
  readonly #time: SimulatedTime;
  readonly #cohorts: ReadonlyMap<string, string>;
  readonly #turns = new Map<string, ResolvedTurn>();
  readonly #book = new Book();
  readonly #local = new LocalResults();
  /** Purchases whose calls were garbled, as "session turn step purchase". */
  readonly #spoiled = new Set<string>();
  readonly #tools: SimulatedTools;

  constructor(plan: TrialPlan, time: SimulatedTime) {
    this.#plan = plan;
    this.#time = time;
    this.#cohorts = new Map(plan.sessions.map(({ id, cohort }) => [id, cohort]));
    this.#tools = new SimulatedTools({
      time,
      book: this.#book,
      ledger: new EffectLedger(),
      emit: (event) => this.events.push(event),
      inputOf: (session, turn) => this.#input(session, turn, false),
    });
  }

  /** A request for the model was read. */
  chat(request: ModelRequest, line: Line, answer: (answer: ModelAnswer) => void): void {
    const { session: s, turn: n, last } = request;
    const input = this.#input(s, n, request.proof);
    const turn = this.#resolved(input);
    const step = this.#stepAfter(request);
    const resolved = turn.steps[step - 1];
    assert(resolved !== undefined, `the simulated runtime asked for step ${step} of turn ${n} of ${s}`);
    const of = last.kind === "results" ? last.calls[0]?.purchase : undefined;
    const counts = this.#book.step(s, n, step);
    const attempt = ++counts.requests;
    const action = this.#faultOf(resolved, attempt);
    const sells = action?.does !== "refuse" && action?.does !== "hang";
    const p = sells ? ++counts.purchases : undefined;
    const links = step === 1 ? { links: findLinks(input.seed, s, Buffer.from(request.before)) } : {};
    this.events.push({
      e: "ask",
      t: this.#time.clock(),
      s,
      n,
      k: step,
      r: attempt,
      ...(p !== undefined && { p }),
      i: request.incarnation,
      ...links,
      bytes: 300 + request.before.length,
      ...(of !== undefined && { of }),
      ...(action !== undefined && { fault: resolved.fault?.kind ?? "" }),
    });
    if (p !== undefined) {
      const final = step === turn.steps.length;
      this.#sell({ named: { s, n, k: step, p }, input, resolved, final, attempt, action }, line, answer);
    } else this.#deny({ s, n, k: step, r: attempt, fault: resolved.fault?.kind ?? "" }, action, line, answer);
    if (last.kind === "results" && step > last.step) this.#noteLocals(request, last.calls, last.results);
  }

  /** The next step, or the same again where the model is told that its calls were no calls. */
  #stepAfter({ session, turn, last }: ModelRequest): number {
    if (last.kind === "input") return 1;
    return this.#spoiled.has(`${session} ${turn} ${last.step} ${last.calls[0]?.purchase}`) ? last.step : last.step + 1;
  }

  /** A request for a tool was read. */
  tool(request: ToolRequest, line: Line, answer: (answer: ToolAnswer) => void): void {
    this.#tools.answer(request, line, answer);
  }

  /** What a local tool must return; worked out by the harness's own code, so what a correct runtime returns as well. */
  localResult({ tool, arguments: args }: Pick<NamedCall, "tool" | "arguments">): string {
    return this.#local.expect(tool, args) ?? "done";
  }

  #input(session: string, turn: number, proof: boolean): TurnInput {
    const { seed, memoryMb, definition } = this.#plan;
    const cohort = definition.cohorts[this.#cohorts.get(session) ?? ""];
    assert(cohort !== undefined, `session ${session} is not in the plan`);
    return { seed, memoryMb, cohort, session, turn, kind: proof ? "proof" : "ordinary" };
  }

  #resolved(input: TurnInput): ResolvedTurn {
    const key = `${input.session} ${input.turn} ${input.kind}`;
    let turn = this.#turns.get(key);
    if (turn === undefined) {
      turn = resolveTurn(input);
      this.#turns.set(key, turn);
    }
    return turn;
  }

  #faultOf({ fault }: ResolvedStep, attempt: number): FaultAction | undefined {
    if (fault === undefined) return undefined;
    const kind = WORLD_FAULTS[fault.kind];
    assert(
      kind !== undefined && fault.cure === undefined,
      `a simulated trial knows no fault ${fault.kind} with a cure`,
    );
    const { attempts = kind.attempts } = fault;
    return attempts === "all" || attempt <= attempts ? kind.act(fault.with ?? {}) : undefined;
  }

  #deny(
    named: { s: string; n: number; k: number; r: number; fault: string },
    action: FaultAction | undefined,
    line: Line,
    answer: (answer: ModelAnswer) => void,
  ): void {
    if (action?.does !== "refuse") {
      line.onClosed("server", () => this.events.push({ e: "denied", t: this.#time.clock(), ...named, aborted: true }));
      return;
    }
    const { status, code, retryAfterSeconds } = action;
    this.events.push({ e: "denied", t: this.#time.clock(), ...named, status });
    const refusal = {
      status: status as Refusal["status"],
      code,
      ...(retryAfterSeconds !== undefined && { retryAfterMs: retryAfterSeconds * 1000 }),
    };
    line.send("client", () => answer(refusal));
  }

  #sell(sale: Sale, line: Line, answer: (answer: ModelAnswer) => void): void {
    const { named, input, resolved, attempt, action } = sale;
    const { s: session, n: turn, k: step, p: purchase } = named;
    const delayMs = action?.does === "delay" ? action.delayMs : 0;
    if (action?.does === "spoil") this.#spoiled.add(`${session} ${turn} ${step} ${purchase}`);
    const beganMs = this.#time.clock();
    const firstMs = beganMs + firstTokenDelayMs(input, step, attempt) + delayMs;
    const breaks = action?.does === "break" ? action : undefined;
    const tokens = Math.min(resolved.tokens, breaks?.afterTokens ?? resolved.tokens);
    const endMs = firstMs + Math.max(0, tokens - 1) * resolved.gapMs;
    let over = false;
    const end = (how: "done" | "aborted" | "fault", count: number): void => {
      over = true;
      const words = sale.final
        ? completionTokens({ seed: input.seed, session, turn, step, purchase }, resolved.tokens, true)
        : [];
      const odd =
        action !== undefined &&
        (how === "fault" || (action.does === "spoil" && how === "done") || (delayMs > 0 && count > 0));
      this.events.push({
        e: "said",
        t: this.#time.clock(),
        ...named,
        tokens: count,
        end: how,
        ...(sale.final && count === resolved.tokens && { h: fingerprint(words.join("")) }),
        ...(odd && { fault: resolved.fault?.kind ?? "" }),
      });
      if (how === "aborted") return;
      if (breaks?.how === "destroy") line.close();
      else line.send("client", () => answer(this.#answerOf(sale, how === "done", words.slice(0, count).join(""))));
    };
    line.onClosed("server", () => {
      const now = this.#time.clock();
      const count = now < firstMs ? 0 : Math.min(tokens, 1 + Math.floor((now - firstMs) / resolved.gapMs));
      if (!over) end("aborted", count);
    });
    if (tokens > 0)
      this.#time.at(firstMs, () => {
        if (!over) this.events.push({ e: "first", t: this.#time.clock(), ...named });
      });
    this.#time.at(endMs, () => {
      if (!over) end(breaks === undefined ? "done" : "fault", tokens);
    });
  }

  #answerOf({ named, resolved, action }: Sale, finished: boolean, text: string): ModelAnswer {
    const { k: step, p: purchase } = named;
    const shown = finished || (action?.does === "break" && action.withCalls === true);
    const garbled = action?.does === "spoil" ? ({ garbled: true } as const) : {};
    const calls = resolved.calls.map((call, index): NamedCall => ({ ...call, purchase, step, index, ...garbled }));
    return { status: 200, finished, step, purchase, text, calls: shown ? calls : [] };
  }

  #noteLocals({ session: s, turn: n }: ModelRequest, calls: readonly NamedCall[], results: readonly string[]): void {
    calls.forEach((call, at) => {
      const expected = call.local ? this.#local.expect(call.tool, call.arguments) : undefined;
      if (expected === undefined) return;
      const named = { s, n, k: call.step, c: call.index, p: call.purchase };
      this.events.push({ e: "local", t: this.#time.clock(), ...named, tool: call.tool, ok: results[at] === expected });
    });
  }
}
