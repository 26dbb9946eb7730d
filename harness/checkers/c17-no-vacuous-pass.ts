/** C17: the trial was able to find something. True or unknown, never false: an empty trial is nobody's fault but proves nothing. */
import { localCallsOf, scriptsOf } from "../world/script.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { FaultRecord, HistoryIndex } from "./history-index.ts";
import { secondDeliveries } from "./second-deliveries.ts";
import { turnsTouchedBy } from "./touched.ts";

/** Above this share of requests that name no session, nobody knows whose they were. */
const UNATTRIBUTED_MOST = 0.001;

function judgeFault(index: HistoryIndex, fault: FaultRecord, findings: Findings): void {
  findings.exposures += 1;
  const name = `${fault.id} (${fault.kind})`;
  if (fault.landed === null) {
    findings.undecided(`fault ${name} did not land${fault.missed === null ? "" : `, ${fault.missed.event.why}`}`);
    return;
  }
  if (turnsTouchedBy(index, fault).length === 0) findings.undecided(`fault ${name} touched no turn`);
}

/** Faults that scripts have for the model and for tools, each kind as often as it was served: its error written, its answer begun. */
function judgeScripted({ history, index }: CheckInput, findings: Findings): void {
  const entries = Object.values(history.plan.definition.cohorts).flatMap(scriptsOf).flat();
  const wanted = new Set(
    entries.flatMap((entry) =>
      entry.fault === undefined ? [] : `${"say" in entry ? "model" : "tool"} ${entry.fault.kind}`,
    ),
  );
  if (wanted.size === 0) return;
  const served = { model: new Map<string, number>(), tool: new Map<string, number>() };
  const serve = (by: "model" | "tool", kind: string | undefined): void => {
    if (kind !== undefined) served[by].set(kind, (served[by].get(kind) ?? 0) + 1);
  };
  for (const { turns } of index.sessions)
    for (const { purchases, denials, tools } of turns) {
      for (const { said } of purchases) serve("model", said?.event.fault);
      for (const { event } of denials) serve("model", event.fault);
      for (const { told } of tools) serve("tool", told?.event.fault);
    }
  for (const fault of wanted) {
    const [by, kind = ""] = fault.split(" ");
    findings.exposures += 1;
    if (!served[by === "model" ? "model" : "tool"].has(kind))
      findings.undecided(`no turn met the fault "${kind}" of the ${by}, though the script has it`);
  }
}

export const noVacuousPass: Checker = {
  id: "C17",
  claim: "The trial could have found something.",
  check(input: CheckInput) {
    const { history, index } = input;
    const findings = new Findings();
    for (const witness of ["driver", "world", "trial"] as const) {
      findings.exposures += 1;
      if (history[witness].length === 0) findings.undecided(`the witness "${witness}" saw nothing`);
    }
    for (const fault of index.faults) judgeFault(index, fault, findings);
    for (const { cohort, sent, answered } of secondDeliveries(index, history.plan.definition.cohorts)) {
      findings.exposures += 1;
      if (answered === 0) findings.undecided(`none of ${sent} second deliveries of ${cohort} was answered`);
    }
    const isTwin = history.plan.twinOf !== undefined;
    if (!isTwin) judgeScripted(input, findings);
    const crashing = Object.values(history.plan.definition.cohorts).some((cohort) =>
      localCallsOf(cohort).some(([tool]) => tool === "crash"),
    );
    if (crashing && index.crashes.length === 0 && !isTwin)
      findings.undecided("no session crashed, though the script wants it");
    let proofs = 0;
    for (const { turns } of index.sessions)
      for (const { enabled } of turns) if (enabled?.event.kind === "proof") proofs += 1;
    findings.exposures += proofs;
    if (proofs === 0) findings.undecided("there were no proof turns");
    const requests = index.scriptedCalls + index.offScriptCalls + index.unattributedCalls;
    if (index.unattributedCalls > UNATTRIBUTED_MOST * requests)
      findings.undecided(`${index.unattributedCalls} of ${requests} requests named no session`);
    const landed = count(index.faults.length, "fault");
    return findings.conclude({
      kept: `All ${landed} landed and touched turns; ${count(proofs, "proof turn")} were offered; every witness saw something.`,
      broken: "An empty trial breaks nothing.",
      nothing: "No witness saw anything.",
    });
  },
};
