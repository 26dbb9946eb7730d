/**
 * Plans of simulated trials: small scenarios drawn from a seed, with the sessions of the real planner, so that cohorts, scripts,
 * clients and faults meet in all combinations. Milliseconds cost nothing here, events do.
 */
import { planSessions } from "../plan/sessions.ts";
import { exponential, keyOf, lognormal, type Random, randomOf, shuffled, uniform } from "../random.ts";
import type {
  ClientPolicy,
  Cohort,
  ModelStep,
  Scenario,
  StepFault,
  ToolBehaviour,
  ToolFault,
  TurnScript,
} from "../scenario.ts";
import type { PlannedFault, TrialPlan } from "../trial.ts";

const MEMORY_MB = 256;
const PHASES = { warmupMs: 1_000, calmMs: 2_000, faultMs: 9_000, quietMs: 1_000 } as const;
const PROOFS_PER_SECOND = 50;

/** What a simulated trial is made of; what is missing is drawn. */
export interface SimulatedWishes {
  /** Kinds of faults, one after the other. */
  readonly faults?: readonly string[];
  /** Changes to every cohort. */
  readonly cohort?: Partial<Cohort>;
  /** Whether scripts meet faults of the model and of tools. */
  readonly scriptFaults?: boolean;
  /** Settings of the faults. */
  readonly with?: PlannedFault["with"];
  readonly restartAfterMs?: number;
}

const eager: ClientPolicy = { timeoutMs: 8_000, deadlineMs: 20_000, retry: "eager" };

function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}

function stepFault(random: Random): StepFault {
  const share = 0.05 + 0.2 * random();
  return oneOf<StepFault>(random, [
    { kind: "status", share, attempts: 2, with: { status: 429, retryAfterSeconds: 1 } },
    { kind: "status", share, attempts: 1, with: { status: 503 } },
    { kind: "status", share, attempts: "all", with: { status: 500 } },
    { kind: "status", share, attempts: "all", with: { status: 400 } },
    { kind: "cut", share, with: { tokens: 2, where: "event" } },
    { kind: "cut", share, with: { where: "end-marker" } },
    { kind: "reset", share, with: { tokens: 1 } },
    { kind: "error-event", share, attempts: 2 },
    { kind: "garbage-arguments", share },
    { kind: "late", share, with: { delayMs: 3_000 } },
  ]);
}

function toolFault(random: Random): ToolFault {
  const share = 0.05 + 0.15 * random();
  return oneOf<ToolFault>(random, [
    { kind: "error", share },
    { kind: "error", share, with: { effect: true } },
    { kind: "slow", share, with: { delayMs: 3_000 } },
    { kind: "timeout-after-effect", share, with: { answerAfterMs: 2_000 } },
    { kind: "reset-after-effect", share },
  ]);
}

const step = (tokens: number): ModelStep["say"] => ({
  firstTokenMs: lognormal(80, 0.3),
  tokens: uniform(2, tokens),
  tokensPerSecond: 50,
});

/** Turns around a keyed or plain effect, with a timer, or with two calls at once. */
function turnScript(random: Random, faults: boolean): TurnScript {
  const fault = (chance: number): { fault?: StepFault } =>
    faults && random() < chance ? { fault: stepFault(random) } : {};
  const toolFaults = faults && random() < 0.3 ? { fault: toolFault(random) } : {};
  const note: ToolBehaviour = { tool: "save_note", takesMs: lognormal(30, 0.5), effect: "keyed", ...toolFaults };
  const mail: ToolBehaviour = { tool: "send_mail", takesMs: lognormal(30, 0.5), effect: "plain" };
  const last: ModelStep = { say: step(6), ...fault(0.3) };
  const first = (call: NonNullable<ModelStep["call"]>): ModelStep => ({ say: step(4), call, ...fault(0.3) });
  return oneOf<TurnScript>(random, [
    [first("save_note"), note, last],
    [first("send_mail"), mail, last],
    [first(["save_note", "send_mail"]), note, mail, last],
    [first("save_note"), { say: step(3), call: "save_note" }, note, last],
    [first({ sleep: { ms: 400 } }), last],
    [first([{ sleep: { ms: 150 } }, "save_note"]), note, last],
    [first({ burn_cpu: { seed: 1, rounds: 50 } }), last],
    [last],
  ]);
}

function cohort(random: Random, sessions: number, { cohort: changes, scriptFaults }: SimulatedWishes): Cohort {
  const faults = scriptFaults ?? random() < 0.5;
  return {
    sessions,
    turns: 4,
    thinkMs: exponential(2_000),
    script: turnScript(random, faults),
    client:
      random() < 0.7
        ? { ...eager, streams: random() < 0.2 }
        : { timeoutMs: 3_000, deadlineMs: 15_000, retry: oneOf(random, ["eager", "patient"]) },
    ...(random() < 0.4 && { readEvery: 1 + Math.floor(random() * 2) }),
    ...(random() < 0.3 && { duplicates: { share: 0.3, after: oneOf(random, ["sent", "answered"] as const) } }),
    ...changes,
  };
}

function scenario(random: Random, wishes: SimulatedWishes): Scenario {
  const silent = { ...cohort(random, 2, wishes), client: { ...eager, retry: "never" as const } };
  const rivals = random() < 0.2 ? { twoClients: { share: 0.3 } } : {};
  const { duplicates: _, ...single } = cohort(random, 2, wishes);
  return {
    asks: "Does any checker raise a false alarm?",
    cohorts: {
      eager: cohort(random, 4, wishes),
      others: { ...single, ...rivals },
      silent,
      late: { ...cohort(random, 2, wishes), startsIn: "fault" },
    },
    phases: PHASES,
    observe: { overhead: ["eager"], recovery: ["eager", "others"], bystanders: ["others"] },
  };
}

/** Settings by which a fault is short enough for a small trial, and long enough to hurt. */
function settingsOf(kind: string, random: Random): PlannedFault["with"] {
  if (kind === "freeze") return { forMs: Math.round(500 + 4_000 * random()) };
  if (kind === "takeover")
    return {
      forMs: Math.round(800 + 3_000 * random()),
      zombieMs: Math.round(2_000 * random()),
      owner: random() < 0.3 ? "same" : "another",
    };
  if (kind === "second-replica") return { forMs: Math.round(1_000 + 3_000 * random()) };
  if (kind === "redeploy")
    return { how: oneOf(random, ["stop-start", "start-stop"]), graceMs: oneOf(random, [50, 500, 10_000]) };
  return kind === "terminate" ? { graceMs: oneOf(random, [20, 300, 10_000]) } : {};
}

/** A plan for a simulated trial. @param kinds the faults to draw from where the wishes name none */
export function simulatedPlan(seed: number, kinds: readonly string[], wishes: SimulatedWishes = {}): TrialPlan {
  const random = randomOf(seed, "simulated plan");
  const definition = scenario(random, wishes);
  const { warmupMs, calmMs, faultMs } = PHASES;
  const ideal = planSessions(keyOf(seed, "world"), definition, MEMORY_MB, warmupMs + calmMs + faultMs);
  const chosen =
    wishes.faults ?? shuffled(kinds, random).slice(0, Math.floor(random() * Math.min(3, kinds.length + 1)));
  const expected = ideal.reduce(
    (sum, { answersMs }) => sum + answersMs.filter((ms) => ms < warmupMs + calmMs + faultMs).length,
    0,
  );
  const faults = chosen.map(
    (kind, index): PlannedFault => ({
      id: `f${index + 1}`,
      kind,
      role: kind.startsWith("postgres") ? "store" : "app",
      afterAcknowledged: Math.floor(expected * (0.3 + (0.4 * (index + random())) / chosen.length)),
      restartAfterMs: wishes.restartAfterMs ?? oneOf(random, [0, 0, 300, 2_000]),
      with: { ...settingsOf(kind, random), ...wishes.with },
    }),
  );
  return {
    format: "agent-derby-trial/1",
    id: `1-simulated-${seed}`,
    scenario: "simulated",
    definition,
    runner: "simulated",
    block: 1,
    seed: keyOf(seed, "world"),
    memoryMb: MEMORY_MB,
    phases: PHASES,
    sessions: ideal.map(({ session }) => session),
    faults,
    load: {
      liveSessions: 10,
      inFlight: 1,
      streaming: 1,
      turnsPerSecond: 5,
      framesPerSecond: 50,
      sockets: 40,
      memoryMb: MEMORY_MB,
      durationMs: 20_000,
    },
    proofsPerSecond: PROOFS_PER_SECOND,
  };
}
