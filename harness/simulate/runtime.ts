/**
 * One process of the simulated runtime: takes turns and reads, knows which sessions are live, takes up interrupted ones unasked,
 * and ends in order when it is told to.
 */
import type { Outcome } from "../driver/mapping.ts";
import type { SessionRead } from "../driver/turn.ts";
import { fingerprint } from "../identity.ts";
import type { Line } from "./line.ts";
import { LiveSession, type Reply } from "./live-session.ts";
import type { ListedTurn } from "./nature.ts";
import { type Routine, run } from "./routine.ts";
import { Interruption, type StoredTurn, Superseded } from "./store.ts";
import type { Surroundings } from "./turn-player.ts";

/** A lost session is looked at again after at most this long. */
const SECOND_LOOK_MS = 1_000;
const DRAIN_LOOK_MS = 20;

export class SimulatedRuntime {
  readonly #around: Surroundings;
  readonly #live = new Map<string, LiveSession>();
  #answering = 0;
  #draining = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get process(): Surroundings["process"] {
    return this.#around.process;
  }

  /** Takes up what an owner of this name has left unfinished; to be called once, when turns are accepted. */
  resume(): void {
    this.#run(this.#resumeAll(null));
  }

  /** A turn was asked for on this line. */
  put(line: Line, session: string, turn: number, input: string, answer: (outcome: Outcome) => void): void {
    this.process.enter(() => {
      if (this.#draining) {
        line.send("client", () => answer({ kind: "fail", why: "status 503", retryAfterMs: 1_000 }));
        return;
      }
      this.#answering += 1;
      run(this.process, this.#turn(session, turn, input), (how) => {
        this.#answering -= 1;
        if ("error" in how) throw how.error;
        this.process.let(line);
        line.send("client", () => answer(outcomeOf(how.value)));
      });
    });
  }

  /** A session was read on this line. */
  get(line: Line, session: string, answer: (read: Omit<SessionRead, "endedMs">) => void): void {
    this.process.enter(() => {
      run(this.process, this.#read(session), (how) => {
        if ("error" in how) throw how.error;
        this.process.let(line);
        line.send("client", () => answer(how.value));
      });
    });
  }

  /** SIGTERM: accepts nothing more; calls `ended` when the turns that run have been answered. */
  drain(ended: () => void): void {
    this.process.enter(() => {
      this.#draining = true;
      this.#run(this.#drained(ended));
    });
  }

  #run(routine: Routine<void>): void {
    run(this.process, routine, (how) => {
      if ("error" in how) throw how.error;
    });
  }

  *#drained(ended: () => void): Routine<void> {
    while (this.#answering > 0) yield* this.process.sleep(DRAIN_LOOK_MS);
    ended();
  }

  *#turn(session: string, turn: number, input: string): Routine<Reply> {
    return yield* this.#liveSession(session).runTurn(turn, input);
  }

  #liveSession(id: string): LiveSession {
    let live = this.#live.get(id);
    if (live === undefined) {
      const made: LiveSession = new LiveSession(id, this.#around, (why) => {
        if (this.#live.get(id) === made) this.#live.delete(id);
        // Who was superseded leaves the session to its successor, until it is asked for it again.
        if (!(why instanceof Superseded)) this.#run(this.#resumeAll(id));
      });
      live = made;
      this.#live.set(id, made);
    }
    return live;
  }

  /** Loads sessions with an unfinished turn whose owner has this process's name. @param only one session, looked at later */
  *#resumeAll(only: string | null): Routine<void> {
    const { process, store, nature } = this.#around;
    if (nature.memory === "process") return;
    if (only !== null) yield* process.sleep(SECOND_LOOK_MS * (0.1 + 0.9 * process.random()));
    const owner = `replica-${process.name.replica}`;
    for (;;) {
      try {
        const left = yield* store.query(process, (sessions) =>
          [...sessions.values()]
            .filter(
              (row) =>
                row.owner === owner && (only ?? row.id) === row.id && row.turns.some(({ result }) => result === null),
            )
            .map(({ id }) => id),
        );
        if (!this.#draining) for (const id of left) this.#liveSession(id);
        return;
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        yield* process.sleep(SECOND_LOOK_MS / 2);
      }
    }
  }

  *#read(session: string): Routine<Omit<SessionRead, "endedMs">> {
    const { nature, seed, process } = this.#around;
    let turns: readonly StoredTurn[] | undefined;
    try {
      turns = yield* this.#turnsOf(session);
    } catch (error) {
      if (error instanceof Interruption) return { status: 503 };
      throw error;
    }
    if (turns === undefined) return { status: 404 };
    const listed: ListedTurn[] = [];
    const unfinished: Omit<ListedTurn, "result">[] = [];
    for (const { turn, input, result } of turns)
      if (result === null) unfinished.push({ turn: String(turn), input });
      else listed.push({ turn: String(turn), input, result });
    const scene = { seed, session, process, nowMs: process.time.clock() };
    return { status: 200, turns: nature.lists(listed, scene, unfinished).map(asRead) };
  }

  *#turnsOf(session: string): Routine<readonly StoredTurn[] | undefined> {
    const { nature, store, process } = this.#around;
    if (nature.memory === "process") return this.#live.get(session)?.turns;
    return yield* store.query(process, (sessions) => sessions.get(session)?.turns.map((turn) => ({ ...turn })));
  }
}

function asRead({ turn, input, result }: ListedTurn): readonly [string, string, string] {
  return [turn, fingerprint(input), "output" in result ? fingerprint(result.output) : `!${result.failed}`];
}

function outcomeOf(reply: Reply): Outcome {
  if (reply.status === 200)
    return "output" in reply.result
      ? { kind: "ok", output: reply.result.output }
      : { kind: "failed", code: reply.result.failed };
  return { kind: reply.status === 500 ? "info" : "fail", why: `status ${reply.status}` };
}
