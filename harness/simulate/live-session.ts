/**
 * One session in the memory of one simulated process: its turns one after the other, each kept before it shows, as `nature`
 * has it. Whatever goes wrong, the object ends, and the next one reads in the store how the session stands.
 */
import { type Routine, run, until } from "./routine.ts";
import { copyOf, Interruption, type StoredSession, type StoredTurn, type TurnResult } from "./store.ts";
import { type OwnedSession, type Surroundings, TurnPlayer } from "./turn-player.ts";

export type Reply = { readonly status: 200; readonly result: TurnResult } | { readonly status: 409 | 500 | 503 };

interface Known {
  readonly stored: StoredTurn;
  readonly waiting: ((reply: Reply) => void)[];
  times: number;
}

export class LiveSession implements OwnedSession {
  readonly id: string;
  readonly #around: Surroundings;
  readonly #onLost: (why: Interruption) => void;
  readonly #turns: StoredTurn[] = [];
  readonly #known = new Map<number, Known>();
  readonly #queue: Known[] = [];
  readonly #player: TurnPlayer;
  #epoch = 0;
  #busy = false;
  #state: "loading" | "live" | "lost" = "loading";
  #whenLoaded: (() => void)[] = [];

  constructor(id: string, around: Surroundings, onLost: (why: Interruption) => void) {
    this.id = id;
    this.#around = around;
    this.#onLost = onLost;
    this.#player = new TurnPlayer(around, this);
    run(around.process, this.#load(), (how) => {
      if ("error" in how) this.#lose(how.error);
      for (const go of this.#whenLoaded) go();
    });
  }

  get epoch(): number {
    return this.#epoch;
  }

  get isLost(): boolean {
    return this.#state === "lost";
  }

  /** All that it knows of, in the order in which they were begun, which is that of their ends. */
  get turns(): readonly StoredTurn[] {
    return this.#turns;
  }

  /** Runs the turn, joins it, or answers what was kept. */
  *runTurn(turn: number, input: string): Routine<Reply> {
    if (this.#state === "loading") yield* until<void>((done) => this.#whenLoaded.push(() => done()));
    if (this.#state === "lost") return { status: 500 };
    return yield* until<Reply>((done) => this.#answerOrRun(turn, input, done));
  }

  *#load(): Routine<void> {
    const { store, nature, process } = this.#around;
    if (nature.memory === "store") {
      const owner = `replica-${process.name.replica}`;
      const row = yield* store.query(
        process,
        (sessions): StoredSession => own(sessions, this.id, nature.owns ? owner : null),
      );
      this.#epoch = row.epoch;
      this.#turns.push(...nature.loads(row.turns, this.#player.scene(0)).map(copyOf));
    }
    this.#state = "live";
    for (const stored of this.#turns) {
      const known: Known = { stored, waiting: [], times: 0 };
      const resumes = stored.result === null ? nature.resumes(this.#player.scene(stored.turn)) : "unasked";
      if (resumes !== "when asked") this.#known.set(stored.turn, known);
      if (stored.result === null && resumes === "unasked") this.#queue.push(known);
    }
    this.#next();
  }

  #answerOrRun(turn: number, input: string, done: (reply: Reply) => void): void {
    const { nature } = this.#around;
    const known = this.#known.get(turn);
    if (known !== undefined && known.stored.input !== input) done({ status: 409 });
    else if (known !== undefined && known.stored.result !== null) done(this.#told(known, known.stored.result));
    else if (known !== undefined && nature.joins(this.#player.scene(turn))) known.waiting.push(done);
    else this.#admit(turn, input, done, known !== undefined);
  }

  #admit(turn: number, input: string, done: (reply: Reply) => void, again: boolean): void {
    const admits = this.#busy && !again ? this.#around.nature.admits(this.#player.scene(turn)) : "queue";
    if (admits !== "queue") done({ status: 409 });
    if (admits === "refuse") return;
    const stored = this.#turns.find((one) => one.turn === turn && one.result === null && !again);
    const fresh: StoredTurn = stored ?? { turn, input, steps: [], result: null };
    const known: Known = { stored: fresh, waiting: admits === "queue" ? [done] : [], times: 0 };
    if (stored === undefined && !again) this.#turns.push(fresh);
    if (!again) this.#known.set(turn, known);
    if (again) this.#run(known, () => undefined);
    else {
      this.#queue.push(known);
      this.#next();
    }
  }

  #told(known: Known, result: TurnResult): Reply {
    known.times += 1;
    return {
      status: 200,
      result: this.#around.nature.tells(result, known.times - 1, this.#player.scene(known.stored.turn)),
    };
  }

  #next(): void {
    if (this.#busy || this.#state === "lost") return;
    const known = this.#queue.shift();
    if (known === undefined) return;
    this.#busy = true;
    this.#run(known, () => {
      this.#busy = false;
      this.#next();
    });
  }

  #run(known: Known, ended: () => void): void {
    run(this.#around.process, this.#play(known), (how) => {
      if ("error" in how) this.#lose(how.error);
      else ended();
    });
  }

  *#play(known: Known): Routine<void> {
    const { nature, process } = this.#around;
    const { stored } = known;
    const scene = this.#player.scene(stored.turn);
    if (stored.steps.length === 0) yield* this.#player.keep("begin", stored, () => undefined);
    const result = yield* this.#player.resultOf(stored);
    const replies = nature.replies(scene);
    const tell = (): void => {
      stored.result = result;
      for (const done of known.waiting.splice(0)) done(this.#told(known, result));
    };
    if (replies !== "after the commit") {
      tell();
      yield* process.sleep(replies.commitMs);
    }
    yield* this.#player.keep("end", stored, (row) => {
      row.steps = stored.steps;
      row.result = result;
    });
    if (replies === "after the commit") tell();
  }

  #lose(error: unknown): void {
    if (!(error instanceof Interruption)) throw error;
    if (this.#state === "lost") return;
    this.#state = "lost";
    this.#player.abort();
    for (const { waiting } of this.#known.values()) for (const done of waiting.splice(0)) done({ status: 500 });
    this.#onLost(error);
  }
}

/** The row of a session, made where there is none. @param owner who takes it over; null takes nothing over */
function own(sessions: Map<string, StoredSession>, id: string, owner: string | null): StoredSession {
  const row = sessions.get(id) ?? { id, epoch: 0, owner: "", turns: [] };
  sessions.set(id, row);
  if (owner !== null) {
    row.epoch += 1;
    row.owner = owner;
  }
  return { ...row, turns: row.turns.map(copyOf) };
}
