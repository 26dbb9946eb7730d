/**
 * Learns how answers of a backend are read: starts it once, asks one turn, and looks where the words of the model stand in what
 * came back. Nothing is guessed; where they do not stand there as they were said, that is an error with what came instead.
 */
import { says } from "../conform/check.ts";
import { lastText } from "../conform/expectations.ts";
import { Rig } from "../conform/rig.ts";
import { findAnswer } from "../driver/find-answer.ts";
import { UsageError } from "../errors.ts";
import { sweep } from "../processes/remains.ts";
import { Watchdog } from "../processes/watchdog.ts";
import type { Mapping, Runner, RunnerFile } from "../runner.ts";

const SESSION = "learn";
/** So much of a body is shown. */
const SHOWN = 300;

const otherwise = (why: string): UsageError =>
  new UsageError(`${why} Or say how answers are read: --answer '$.path' (and --sse for a stream).`);

async function learnFrom(rig: Rig): Promise<Mapping["answer"]> {
  const { outcome, status, body } = await rig.turn(SESSION, 1);
  const said = lastText(rig, SESSION, 1);
  if (status === 0)
    throw otherwise(
      `The backend did not answer the turn (${outcome.kind === "ok" ? "" : "why" in outcome ? outcome.why : ""}).`,
    );
  const shown = `status ${status}: ${body.slice(0, SHOWN)}`;
  if (said === undefined)
    throw new UsageError([
      "The backend answered without having asked the scripted model. Name the variable that takes the model's base address: --model-env NAME.",
      `It answered with ${shown}`,
    ]);
  const found = findAnswer(body, said);
  if (found === undefined) throw otherwise(`The model's words do not stand in the answer, which has ${shown}`);
  return found;
}

/**
 * @param file the runner's, with any answer in its mapping
 * @param folder absolute path of the folder in which its commands run; need not hold a runner.json yet
 * @throws UsageError when the backend does not start, does not ask the model, or does not pass its words on
 */
export async function learnAnswer(file: RunnerFile, folder: string, signal: AbortSignal): Promise<Mapping["answer"]> {
  const runner: Runner = { ...file, name: file.runtime, folder, variantEnv: {} };
  await sweep();
  const watchdog = await Watchdog.start();
  try {
    const rig = await Rig.start({ runner, scripts: { [SESSION]: [says(5, 20)] }, postgres: null, watchdog, signal });
    try {
      return await learnFrom(rig);
    } finally {
      await rig.end();
    }
  } catch (error) {
    if (signal.aborted) throw new UsageError("Stopped; nothing was written.");
    throw error;
  } finally {
    await watchdog.stop();
  }
}
