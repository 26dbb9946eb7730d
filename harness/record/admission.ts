/** Admission: a runner is timed only with a fresh certificate of conformance, or after the handshake that stands in for one. */
import { requireAttachable } from "../attached.ts";
import type { BenchWatcher } from "../bench.ts";
import { certificateState } from "../conform/certificate.ts";
import { type HandshakeSettings, handshake } from "../conform/conform.ts";
import { UsageError } from "../errors.ts";
import type { Runner } from "../runner.ts";
import type { TrialOutcome } from "../trial.ts";

/** Whether a runner may be timed: by its certificate, or by the handshake that stands in for one. */
export interface Admission {
  readonly certificate: TrialOutcome["certificate"];
  /** Why it may not. */
  readonly refusal?: string;
}

/** A runner is timed only if it speaks the contract. One that does not is refused; the others go on. */
async function admit(runner: Runner, settings: HandshakeSettings): Promise<Admission> {
  // A certificate tells of the runner on the machine as it is; elsewhere its tool chain may be another.
  const certified = settings.isolation === undefined || settings.isolation.name === "processes";
  if (certified && certificateState(runner) === "fresh") return { certificate: "fresh" };
  const postgres = runner.needs?.includes("postgres") ? settings.postgres : null;
  if (settings.attached !== undefined) await requireAttachable(settings.attached, settings.signal);
  try {
    const { checks, passed } = await handshake(runner, { ...settings, postgres });
    if (passed) return { certificate: "handshake" };
    const failed = checks.filter(({ result }) => result === "fail").map(({ name, says }) => `${name}: ${says}`);
    return { certificate: "none", refusal: `It does not keep the contract. ${failed.join("; ")}.` };
  } catch (error) {
    if (error instanceof UsageError) return { certificate: "none", refusal: error.message };
    throw error;
  }
}

/** Admits or refuses each contestant of a campaign, and says what it did. */
export async function admitAll(
  runners: readonly Runner[],
  settings: HandshakeSettings,
  watch: Pick<BenchWatcher, "note">,
): Promise<ReadonlyMap<string, Admission>> {
  const admissions = new Map<string, Admission>();
  for (const runner of runners) {
    if (settings.signal.aborted) break;
    const admission = await admit(runner, settings);
    admissions.set(runner.name, admission);
    if (admission.refusal !== undefined) watch.note(`${runner.name} is refused. ${admission.refusal}`);
    else if (admission.certificate === "handshake")
      watch.note(
        runner.turn === undefined
          ? `${runner.name} has no fresh certificate (conform); it passed the handshake.`
          : `${runner.name} passed the handshake; there are no certificates for backends with their own API.`,
      );
  }
  return admissions;
}
