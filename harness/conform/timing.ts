/**
 * Times the local tools that have a size, each alone on an idle runtime. No check: it says nothing of right and wrong, and a tool
 * that cannot be timed has no timing.
 *
 * A turn with a call of the least size is taken from the same turn with a large one. Both have the same steps and the same floor,
 * so script, model client, storage and the loop around tools cancel out, and what is left is arithmetic: that alone can be
 * scaled. A turn without the call would leave the runtime's cost of any call in the difference, which must not be evened out.
 * Which size is large depends on the language (a thousandfold apart), so sizes grow until a call takes long enough to be told
 * from noise, near the sizes that scenarios ask for.
 */
import { monotonicMs } from "../clock.ts";
import { UsageError } from "../errors.ts";
import { type LocalTiming, SIZES } from "../local-timing.ts";
import { planCores } from "../processes/cores.ts";
import { constant, uniform } from "../random.ts";
import { Stopped } from "../record/waiting.ts";
import type { Runner } from "../runner.ts";
import type { ArgumentTemplate, SessionScript, SizedTool } from "../scenario.ts";
import { calls, says, Unmet } from "./check.ts";
import { outputOf } from "./expectations.ts";
import { Rig, type RigSettings } from "./rig.ts";

/** Once a call takes this long beyond the least one, the noise of a turn (tenths of a millisecond) is a percent of it. */
const LONG_ENOUGH_MS = 30;
/** First plays of a size: compilers warm up, matrices are made. */
const WARM_UPS = 2;
const RUNS = 11;
const GROWTH = 3;
/** A median so far above the fastest run tells of others on the cores: then the runs are made again, at most so often in all. */
const DISTURBED = 1.1;
const SERIES_MOST = 3;

/** The sizes at which a tool is timed, as values of its size argument. */
export interface Ladder {
  readonly tool: SizedTool;
  readonly least: number;
  readonly sizes: readonly number[];
  readonly others: Readonly<Record<string, ArgumentTemplate>>;
}

const growing = (from: number, steps: number): number[] => Array.from({ length: steps }, (_, n) => from * GROWTH ** n);
/** Drawn, so that nobody can keep a result. */
const seed = uniform(0, 2 ** 32 - 1);

/** The last sizes stay within the memory that runtimes are given here. */
const LADDERS: readonly Ladder[] = [
  { tool: "parse_document", least: 0, sizes: growing(100, 5), others: { seed } },
  { tool: "search_memory", least: 1, sizes: growing(500, 6), others: { seed, dimensions: 256, top: 10 } },
  { tool: "burn_cpu", least: 0, sizes: growing(10_000, 10), others: { seed } },
];

/** Plays a turn with one call of this size. @returns its latency in milliseconds */
export type PlayTurn = (size: number) => Promise<number>;

async function timesMs(play: PlayTurn, size: number, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await play(size));
  return times.sort((a, b) => a - b);
}

/** The median of a series of runs; the least one of several where series were disturbed. */
async function medianMs(play: PlayTurn, size: number): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let series = 0; series < SERIES_MOST; series++) {
    const sorted = await timesMs(play, size, RUNS);
    const [fastest = 0, median = 0] = [sorted[0], sorted[sorted.length >> 1]];
    leastMs = Math.min(leastMs, median);
    if (median <= DISTURBED * fastest) break;
  }
  return leastMs;
}

/** Units of work in a call of this size. */
function unitsOf({ tool, others }: Ladder, size: number): number {
  const { rowsOf } = SIZES[tool];
  return size * (rowsOf === undefined ? 1 : Number(others[rowsOf]));
}

/** The time of one tool; null where even its largest size cannot be told from its least. */
export async function timeTool(ladder: Ladder, play: PlayTurn): Promise<LocalTiming | null> {
  const { tool, least, sizes } = ladder;
  await timesMs(play, least, WARM_UPS);
  const leastMs = await medianMs(play, least);
  let size = least;
  for (const larger of sizes) {
    size = larger;
    const [fastestMs = 0] = await timesMs(play, size, WARM_UPS);
    if (fastestMs - leastMs >= LONG_ENOUGH_MS) break;
  }
  const tookMs = (await medianMs(play, size)) - leastMs;
  const msPerUnit = tookMs / (unitsOf(ladder, size) - unitsOf(ladder, least));
  return msPerUnit > 0 ? { tool, msPerUnit, units: unitsOf(ladder, size), tookMs } : null;
}

const sessionOf = ({ tool }: Ladder, size: number): string => `${tool.replace(/_.*/, "")}${size}`;

function scriptsOf(ladder: Ladder): (readonly [session: string, SessionScript])[] {
  const { tool, least, sizes, others } = ladder;
  return [least, ...sizes].map((size) => {
    const args = { ...others, [SIZES[tool].argument]: constant(size) };
    return [sessionOf(ladder, size), [calls({ [tool]: args }), says()]] as const;
  });
}

/** Turns of a session follow each other, each asked for when the one before has been answered. */
function playOn(rig: Rig, ladder: Ladder): PlayTurn {
  const turns = new Map<number, number>();
  return async (size) => {
    const turn = (turns.get(size) ?? 0) + 1;
    turns.set(size, turn);
    const beganMs = monotonicMs();
    const reply = await rig.turn(sessionOf(ladder, size), turn);
    const tookMs = monotonicMs() - beganMs;
    outputOf(reply, turn);
    return tookMs;
  };
}

/**
 * Times every local tool of the runner that has a size, in a few seconds, on the cores that it has in trials.
 * @throws TrialError when something of ours does not start
 */
export async function timeLocalTools(
  runner: Runner,
  settings: Pick<RigSettings, "postgres" | "watchdog" | "signal">,
): Promise<LocalTiming[]> {
  const ladders = LADDERS.filter(({ tool }) => runner.localTools?.includes(tool));
  if (ladders.length === 0) return [];
  const scripts = Object.fromEntries(ladders.flatMap(scriptsOf));
  const timings: LocalTiming[] = [];
  let rig: Rig | null = null;
  try {
    rig = await Rig.start({ ...settings, runner, scripts, cores: planCores()?.runtime ?? null });
    for (const ladder of ladders) {
      const timing = await timeTool(ladder, playOn(rig, ladder)).catch(unlessOurs);
      if (timing !== null) timings.push(timing);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  } finally {
    await rig?.end();
  }
  return timings;
}

/** A turn that is not answered leaves its tool without a timing. @throws what is our own failure */
function unlessOurs(error: unknown): null {
  if (error instanceof Unmet || error instanceof Stopped) return null;
  throw error;
}
