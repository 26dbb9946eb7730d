/**
 * half-open: the connections that are open on one path go dead and neither end is told; new ones work. It is what a host that lost
 * power, or a firewall that forgot its table, leaves behind: only a timeout finds out. At the end the dead ones are reset.
 */
import { TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import {
  ANSWERS_WITHIN_MS,
  connections,
  disturb,
  FOR_MS,
  needsItsPath,
  PATH,
  pathOf,
  SILENT_FOR_MS,
  undisturbed,
} from "./path-fault.ts";
import { untilOpen } from "./reset.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = { path: PATH, forMs: { ...FOR_MS, default: 10_000 } } as const;

export const halfOpen = {
  about: "the open connections of one path go dead and nobody is told; new ones work",
  provedBy: "an old connection through the proxy gets no byte, a new one does",
  settings: SETTINGS,
  needs: needsItsPath,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs } = settingsOf(SETTINGS, fault);
    const path = await undisturbed(target, pathOf(fault));
    const { name, proxy } = path;
    await proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS, standing: true });
    const open = await untilOpen(path);
    return disturb(path, { stale: true }, forMs, async () => {
      const old = await proxy.probe({ bytes: 1, withinMs: SILENT_FOR_MS, standing: true });
      const fresh = await proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS });
      if (old.how !== "silent" || fresh.how !== "answered")
        throw new TrialError(`On the path "${name}" an old connection was ${old.how} and a new one ${fresh.how}.`);
      return `${connections(open)} on the path "${name}" went dead: an old one of ours through the same proxy got no byte in ${SILENT_FOR_MS} ms, a new one was answered.`;
    });
  },
} satisfies Nemesis;
