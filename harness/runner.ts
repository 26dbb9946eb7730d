/**
 * Runner: the folder that makes one runtime speak our contract, described by its runner.json.
 * `runner-check.ts` reads and validates the file; this module holds the shape.
 */
import type { Budget } from "./budget/parts.ts";
import type { LocalTool, Role } from "./scenario.ts";

/** One process of a runtime. Everything may hold `{port.NAME}`, `{dataDir}` and `{env.NAME}`. */
export interface RunnerProcess {
  readonly name: string;
  readonly role: Role;
  readonly command: readonly string[];
  /** Names of the TCP ports it listens on; each arrives as PORT_<NAME>, the same for the whole trial. Default: ["http"] if it serves. */
  readonly ports?: readonly string[];
  /** "GET :port/path" that answers 200 when the process is ready, or "TCP :port" where it has no such path and taking connections has to do. Default for a serving process: "GET :<first port>/healthz". */
  readonly ready?: string;
  /** Takes the turns of clients, on its first port. Exactly one process serves. */
  readonly serves?: boolean;
  /** Talks to the World: gets MODEL_URL and TOOLS_URL, new ones at each start. */
  readonly world?: boolean;
  /** How many copies may run side by side. Default 1. */
  readonly replicas?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a runtime vows. Each is judged by the rows of promises.ts. */
export interface Promises {
  readonly "durable-turns"?: "process" | "database-process";
  readonly "journaled-steps"?: boolean;
  readonly effects?: "at-most-once" | "at-least-once" | "exactly-once-with-keys";
  readonly "fenced-effects"?: boolean;
  readonly "resumes-unasked"?: boolean;
  readonly "isolated-crash"?: boolean;
  readonly "isolated-cpu"?: boolean;
  readonly "single-writer"?: boolean;
  readonly "durable-timers"?: boolean;
  readonly readable?: boolean;
  readonly streaming?: boolean;
  readonly cancellable?: boolean;
  readonly "sub-agents"?: "joined" | "restarted";
  readonly compacts?: boolean;
}

/** How the driver speaks to a backend. The contract's own API is the built-in mapping (`driver/mapping.ts`). */
export interface Mapping {
  /** "METHOD /path", with {session} and {turn}. */
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON body; strings may hold {session}, {turn}, {input}. */
  readonly body: unknown;
  readonly answer: {
    /** JSON path of the answer in the body ("$.output"), or in each SSE event when `sse` is set; pieces are joined. */
    readonly text: string;
    /** JSON path of an error that ended the turn for good. */
    readonly failed?: string;
    /** The SSE field that carries the pieces, normally "data". */
    readonly sse?: string;
    /** JSON path of the text that comes before the answer, in each SSE event; default `text`. Only tells when text came. */
    readonly token?: string;
  };
  /** Statuses that mean "certainly not accepted". 503 counts only with Retry-After. Default [409, 503]. */
  readonly refused?: readonly number[];
  /** Idempotency header, value with {session} and {turn}. */
  readonly key?: { readonly header: string; readonly value: string };
  /** Read request, or null where the backend has none. */
  readonly read?: { readonly request: string; readonly turns: string } | null;
}

/** A default of the runtime that decides how it recovers (a timeout, a lease, a limit of restarts), printed beside its results. */
export interface RecoveryDefault {
  /** "lease", "tries of the model". */
  readonly what: string;
  /** With its unit: "30 s". */
  readonly value: string;
}

/** What has to be on the machine before the runner's processes can start, and how it comes there. Commands run in the runner's folder. */
export interface Install {
  /** Ends with 0 when everything is there and built from the sources that are there. */
  readonly check: readonly string[];
  /** One sentence for people, with the commands. */
  readonly how: string;
  /** What `setup` runs, in order, up to the first that fails. Without any, only a person can install it. */
  readonly steps?: readonly (readonly string[])[];
}

/** Changes that make a variant: `runner:variant` is a contestant of its own. */
export interface Variant {
  /** These replace the runner's own. */
  readonly runtime?: string;
  readonly home?: string;
  readonly needs?: readonly "postgres"[];
  readonly install?: Install;
  readonly version?: readonly string[];
  /** Command of a process, by its name. */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly promises?: Promises;
  readonly deviations?: readonly string[];
  /** Those that differ, by what they are. */
  readonly recovery?: readonly RecoveryDefault[];
}

/** The contents of runner.json. */
export interface RunnerFile {
  readonly runtime: string;
  readonly language: string;
  readonly home: string;
  readonly processes: readonly RunnerProcess[];
  /** Command run once on empty data, after the processes before the first serving one are ready. */
  readonly setup?: readonly string[];
  readonly needs?: readonly "postgres"[];
  readonly localTools?: readonly LocalTool[];
  readonly promises: Promises;
  readonly variants?: Readonly<Record<string, Variant>>;
  readonly deviations?: readonly string[];
  readonly recovery?: readonly RecoveryDefault[];
  /** Of which parts its turns consist, where these are the parts that `bench:primitives` measures. Variants of another engine have none. */
  readonly budget?: Budget;
  /** What version 2 of the runner gets in a redeploy beside VERSION=2. */
  readonly redeploy?: { readonly env: Readonly<Record<string, string>> };
  /** Command, run in the runner's folder, whose first line of output names the engine and its version: "Node v24.0.0". */
  readonly version?: readonly string[];
  readonly install?: Install;
  /** Image that its processes start from where runtimes live in containers. Default: the harness's own. */
  readonly image?: string;
  readonly turn?: Mapping;
  /** What makes it a test of ourselves: `reference` and canaries are not offered as contestants by default. */
  readonly contestant?: boolean;
}

/** One contestant: a runner with one of its variants applied. */
export interface Runner extends RunnerFile {
  /** "async" or "beam:tuned". */
  readonly name: string;
  /** Absolute path of its folder; never written to a recording. */
  readonly folder: string;
  /** Environment of the variant. */
  readonly variantEnv: Readonly<Record<string, string>>;
}
