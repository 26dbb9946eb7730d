/**
 * Mutations: what the proxy does to single exchanges between client and runtime, by the name of the variant. The harmless ones do what a
 * network or a proxy may do, and nothing may be found; each other one takes away something that the runtime behind keeps.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** A response as it came from the runtime behind, or as the client gets it. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string;
}

/** One request of a client. */
export interface Exchange {
  /** Path of the request: two exchanges with the same one ask for the same. */
  readonly path: string;
  /** In [0, 1), the same for the same path and seed, however often it is asked for. */
  readonly chance: number;
  /** How often this path was asked for before. */
  readonly times: number;
  /** Sends the request on; may be called any number of times. */
  forward(): Promise<Reply>;
  /** Destroys the client's connection. */
  drop(): Promise<Reply>;
}

export interface Mutation {
  /** As a sentence without its subject. */
  readonly says: string;
  /** Checkers that must find it, and those that may beside them; none for a harmless one. */
  readonly must: readonly string[];
  readonly may: readonly string[];
  /** A turn that is asked for. */
  put?(exchange: Exchange): Promise<Reply>;
  /** A session that is read. */
  get?(exchange: Exchange): Promise<Reply>;
}

interface Shown {
  readonly turns: readonly object[];
}

const SHARE = 0.3;
const LATE_MS = { low: 50, high: 900 };
const REFUSAL: Reply = { status: 503, body: '{"error":"try again"}', retryAfter: "1" };
const isHit = ({ chance }: Exchange): boolean => chance < SHARE;
const isFirst = (exchange: Exchange): boolean => isHit(exchange) && exchange.times === 0;
const late = ({ chance }: Exchange): Promise<void> => sleep(LATE_MS.low + ((chance * 1_000) % 1) * LATE_MS.high);

/** Changes the turns that a read shows. */
const reading =
  (change: (turns: readonly object[], exchange: Exchange) => readonly object[]) =>
  async (exchange: Exchange): Promise<Reply> => {
    const reply = await exchange.forward();
    if (reply.status !== 200) return reply;
    const { turns } = JSON.parse(reply.body) as Shown;
    return { ...reply, body: JSON.stringify({ turns: change(turns, exchange) }) };
  };

/** A mutation that remembers; each process has one of it. */
function repeatsAnswers(): NonNullable<Mutation["put"]> {
  let before: Reply | undefined;
  return async (exchange) => {
    const reply = await exchange.forward();
    const repeated = before;
    if (reply.status === 200) before = reply;
    return isHit(exchange) && reply.status === 200 ? (repeated ?? reply) : reply;
  };
}

/** Two answers that are under way at the same time change places. */
function swapsAnswers(): NonNullable<Mutation["put"]> {
  let waiting: ((other: Reply) => Reply) | undefined;
  return async (exchange) => {
    const reply = await exchange.forward();
    if (reply.status !== 200) return reply;
    if (waiting !== undefined) {
      const swap = waiting;
      waiting = undefined;
      return swap(reply);
    }
    return new Promise((resolve) => {
      const swap = (other: Reply): Reply => {
        resolve(other);
        return reply;
      };
      waiting = swap;
      void sleep(LATE_MS.high).then(() => {
        if (waiting === swap) waiting = undefined;
        resolve(reply);
      });
    });
  };
}

function staleReads(): NonNullable<Mutation["get"]> {
  const before = new Map<string, Reply>();
  return async (exchange) => {
    const reply = await exchange.forward();
    const stale = before.get(exchange.path);
    if (reply.status === 200) before.set(exchange.path, reply);
    // Every other read is the one before it.
    return exchange.times % 2 === 1 ? (stale ?? reply) : reply;
  };
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "delays-answers": {
    says: "holds answers back for up to a second, so that they overtake each other",
    must: [],
    may: [],
    async put(exchange) {
      const reply = await exchange.forward();
      await late(exchange);
      return reply;
    },
  },
  "delays-requests": {
    says: "holds requests back for up to a second, so that they overtake each other",
    must: [],
    may: [],
    async put(exchange) {
      await late(exchange);
      return exchange.forward();
    },
  },
  "drops-answers": {
    says: "cuts the connection instead of passing some answers on",
    must: [],
    may: [],
    async put(exchange) {
      const reply = await exchange.forward();
      return isFirst(exchange) ? exchange.drop() : reply;
    },
  },
  "drops-requests": {
    says: "refuses some requests and passes nothing on",
    must: [],
    may: [],
    put: async (exchange) => (isFirst(exchange) ? REFUSAL : exchange.forward()),
  },
  "repeats-requests": {
    says: "passes requests on twice at the same time",
    must: [],
    may: [],
    async put(exchange) {
      const [reply] = await Promise.all([exchange.forward(), exchange.forward()]);
      return reply;
    },
  },
  "drops-acknowledged-turns": {
    says: "answers some turns itself and passes nothing on",
    must: ["C1", "C15"],
    may: ["C3", "C4", "C5", "C6", "C18"],
    put: async (exchange) => (isHit(exchange) ? { status: 200, body: '{"output":"Done."}' } : exchange.forward()),
  },
  "repeats-answers": {
    says: "gives some turns the answer that it passed on before",
    must: ["C3", "C15"],
    may: ["C2", "C10"],
    put: repeatsAnswers(),
  },
  "swaps-answers": {
    says: "gives two clients each other's answers",
    must: ["C3", "C15"],
    may: ["C2", "C10"],
    put: swapsAnswers(),
  },
  "changes-answers-the-second-time": {
    says: "changes an answer when it is asked for again",
    must: ["C3", "C15"],
    may: [],
    async put(exchange) {
      const reply = await exchange.forward();
      return exchange.times === 0 ? reply : { ...reply, body: reply.body.replace('{"output":"', '{"output":"Again: ') };
    },
  },
  "stale-reads": {
    says: "answers every other read of a session with what it showed before",
    must: ["C5"],
    may: ["C1", "C4"],
    get: staleReads(),
  },
  "drops-turns-from-reads": {
    says: "leaves out of reads the first turn of conversations that have three",
    must: ["C1"],
    may: ["C4", "C5"],
    get: reading((turns) => (turns.length < 3 ? turns : turns.slice(1))),
  },
  "repeats-turns-in-reads": {
    says: "shows the last turn twice",
    must: ["C3"],
    may: ["C4"],
    get: reading((turns) => [...turns, ...turns.slice(-1)]),
  },
  "reorders-turns-in-reads": {
    says: "shows the last turn first",
    must: ["C10"],
    may: ["C4"],
    get: reading((turns) => turns.toReversed()),
  },
};
