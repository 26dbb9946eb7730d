/**
 * One turn of a session played to its end, as `nature` has it: the model is asked, tools are used, and everything is kept before
 * anything follows from it. What was kept is not done again.
 */
import { INPUT_KINDS, markerAtStart } from "../identity.ts";
import type { Line } from "./line.ts";
import { askModel, type SoldAnswer, TurnFailed, useTool } from "./model-client.ts";
import type { LastMessage, ModelRequest, NamedCall } from "./model-messages.ts";
import type { Kept, Nature, Scene } from "./nature.ts";
import type { SimulatedProcess } from "./process.ts";
import { all, type Routine, run } from "./routine.ts";
import { copyOf, type Step, type Store, type StoredTurn, Superseded, type TurnResult } from "./store.ts";
import type { SimulatedWorld } from "./world.ts";

const MOST_STEPS = 32;
/** The CPU that anything takes. */
const WORK_MS = 0.2;

/** What the parts of one simulated process share. */
export interface Surroundings {
  readonly seed: number;
  readonly process: SimulatedProcess;
  readonly world: SimulatedWorld;
  readonly store: Store;
  readonly nature: Nature;
}

/** The session whose turns are played, as its live object knows it. */
export interface OwnedSession {
  readonly id: string;
  readonly epoch: number;
  readonly turns: readonly StoredTurn[];
  readonly isLost: boolean;
}

export class TurnPlayer {
  readonly #around: Surroundings;
  readonly #owned: OwnedSession;
  readonly #lines = new Set<Line>();

  constructor(around: Surroundings, owned: OwnedSession) {
    this.#around = around;
    this.#owned = owned;
  }

  scene(turn: number): Scene {
    const { seed, process } = this.#around;
    return { seed, session: this.#owned.id, turn, process, nowMs: process.time.clock() };
  }

  /** Ends all requests to the model. */
  abort(): void {
    for (const line of this.#lines) line.close();
  }

  /** How a turn ends. @throws Interruption when the session is lost meanwhile */
  *resultOf(stored: StoredTurn): Routine<TurnResult> {
    const scene = this.scene(stored.turn);
    const known = this.#around.nature.knows(scene, stored.input);
    if (known !== null) return { output: known };
    try {
      return { output: this.#around.nature.says(yield* this.#answer(stored), scene) };
    } catch (error) {
      if (error instanceof TurnFailed) return this.#around.nature.fails(error.code, scene);
      throw error;
    }
  }

  /** Asks the model, runs the tools that it names, until it answers. What was kept is not done again. */
  *#answer(stored: StoredTurn): Routine<string> {
    for (let index = 0; index < MOST_STEPS; index++) {
      const step = stored.steps[index] ?? (yield* this.#takeStep(stored, index));
      if (step.calls.length === 0) return step.text;
      const missing = step.calls.filter((_, at) => step.results[at] === undefined);
      const uses = missing.map((call) => this.#use(stored, index, step, call));
      if (this.#around.nature.awaitsTools(this.scene(stored.turn))) yield* all(this.#around.process, uses);
      else for (const use of uses) run(this.#around.process, use, () => undefined);
    }
    throw new TurnFailed("too_many_steps");
  }

  *#takeStep(stored: StoredTurn, index: number): Routine<Step> {
    const { nature, process } = this.#around;
    const { turn, input } = stored;
    const before = this.#owned.turns.filter((one) => one.result !== null && one.turn !== turn);
    const marker = markerAtStart(input);
    yield* process.sleep(WORK_MS * process.random());
    const request = {
      incarnation: process.name.i,
      session: this.#owned.id,
      turn: marker?.turn ?? turn,
      proof: marker?.call === INPUT_KINDS.proof,
      last: lastOf(stored, index),
      before: textOf(nature.recalls(before, this.scene(turn))),
    };
    const calls = stored.steps[index - 1]?.calls ?? [];
    for (let more = calls.length === 0 ? 1 : nature.goesOn(calls, this.scene(turn)); more > 1; more--)
      run(process, this.#ask(request, turn), () => undefined);
    const answer = yield* this.#ask(request, turn);
    const { purchase, text } = answer;
    const step: Step = { purchase, text, calls: answer.calls, results: [], sinceMs: process.time.clock() };
    stored.steps[index] = step;
    // The last answer is kept together with the end of the turn.
    if (answer.calls.length > 0)
      yield* this.keep("step", stored, (row) => {
        row.steps[index] = { ...step, results: [] };
      });
    return step;
  }

  *#ask(request: ModelRequest, turn: number): Routine<SoldAnswer> {
    const { nature, process, world } = this.#around;
    const lines: Line[] = [];
    const answer = yield* askModel(process, world, request, {
      takes: (heard) => nature.takes(heard, this.scene(turn)),
      opened: (line) => {
        lines.push(line);
        this.#lines.add(line);
      },
      check: () => this.#check(),
      confirm: () => this.#confirm(),
    });
    for (const line of lines) this.#lines.delete(line);
    return answer;
  }

  *#use(stored: StoredTurn, index: number, step: Step, call: NamedCall): Routine<void> {
    this.#check();
    const at = step.calls.indexOf(call);
    const result = yield* this.#resultOfCall(stored.turn, index, step, call);
    this.#check();
    step.results[at] = result;
    yield* this.keep("result", stored, (row) => {
      const kept = row.steps[index];
      if (kept !== undefined) kept.results[at] = result;
    });
  }

  *#resultOfCall(turn: number, index: number, step: Step, call: NamedCall): Routine<string> {
    const { nature, process, world } = this.#around;
    const scene = this.scene(turn);
    if (call.garbled === true && !nature.mends(scene)) return "error";
    if (call.local) {
      const ms = call.tool === "sleep" ? step.sinceMs + call.takesMs - process.time.clock() : WORK_MS;
      yield* process.sleep(Math.max(0, call.tool === "sleep" ? nature.sleepsMs(ms, scene) : ms));
      return nature.computes(world.localResult(call), scene);
    }
    let result = "error";
    for (const sending of nature.sends({ call, answer: index + 1 }, this.#owned.epoch, scene))
      result = yield* useTool(process, world, {
        incarnation: process.name.i,
        session: this.#owned.id,
        turn,
        call,
        ...sending,
      });
    return result;
  }

  /** Commits a change of this turn's row, if this process still owns the session. */
  *keep(what: Kept, stored: StoredTurn, change: (row: StoredTurn) => void): Routine<void> {
    const { nature, store, process } = this.#around;
    this.#check();
    if (nature.memory === "process" || !nature.keeps(what, this.scene(stored.turn))) return;
    const { turn, input } = stored;
    const kept = yield* store.query(process, (sessions) => {
      const row = sessions.get(this.#owned.id);
      if (row === undefined || (nature.guarded && row.epoch !== this.#owned.epoch)) return false;
      let own = row.turns.find((one) => one.turn === turn);
      if (own === undefined) {
        own = { turn, input, steps: [], result: null };
        row.turns.push(own);
      }
      const before = copyOf(own);
      change(own);
      if (!nature.syncs) store.notSynced(() => Object.assign(own, before));
      return true;
    });
    if (!kept) throw new Superseded();
    this.#check();
  }

  #check(): void {
    if (this.#owned.isLost) throw new Superseded();
  }

  *#confirm(): Routine<void> {
    const { nature, store, process } = this.#around;
    this.#check();
    if (nature.memory === "process" || !nature.guarded) return;
    const epoch = yield* store.query(process, (sessions) => sessions.get(this.#owned.id)?.epoch);
    if (epoch !== this.#owned.epoch) throw new Superseded();
    this.#check();
  }
}

function lastOf({ input, steps }: StoredTurn, index: number): LastMessage {
  const step = steps[index - 1];
  if (step === undefined) return { kind: "input", input };
  const results = step.calls.map((_, at) => step.results[at] ?? "");
  return { kind: "results", step: step.calls[0]?.step ?? index, calls: step.calls, results };
}

/** What the model reads of the turns before: a failed one leaves its input and nothing after it. */
function textOf(turns: readonly StoredTurn[]): string {
  return turns
    .map(({ input, result }) => (result !== null && "output" in result ? `${input}\n${result.output}` : input))
    .join("\n");
}
