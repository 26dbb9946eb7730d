/** Checks the faults that a turn script gives to model steps and tools: their kinds, how long they hold, and their settings. */

import { CURE_KINDS, type CureKind } from "./scenario.ts";
import type { Shape } from "./shape.ts";
import { WORLD_FAULTS } from "./world/faults/index.ts";
import { type Settings, settingProblems } from "./world/faults/setting.ts";
import { TOOL_FAULTS } from "./world/faults/tool-faults.ts";

/** `attempts`: a count or "all". */
export function checkAttempts(shape: Shape): void {
  if (shape.value.attempts !== undefined && shape.value.attempts !== "all") shape.integer("attempts", 1, 1_000_000);
}

function checkShare(fault: Shape): void {
  const { share } = fault.value;
  if (share !== undefined && !(typeof share === "number" && share > 0 && share <= 1))
    fault.problem("share", "a number above 0, at most 1", share);
}

function checkSettings(fault: Shape, kinds: Readonly<Record<string, { readonly settings: Settings }>>): void {
  const kind = String(fault.value.kind);
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (known === undefined || fault.value.with === undefined) return;
  const given = fault.child("with");
  if (given !== undefined)
    fault.problems.push(...settingProblems(kind, known.settings, given.value, `${fault.path}.with`));
}

/** Kinds whose wrong calls a runtime can tell the model of, or drop. */
const SPOILING = Object.keys(WORLD_FAULTS).filter((kind) => WORLD_FAULTS[kind]?.act({}).does === "spoil");

function checkCure(fault: Shape): void {
  if (fault.value.cure === undefined) return;
  const cure = fault.child("cure");
  if (cure === undefined) return;
  if (fault.value.attempts !== undefined) fault.problem("attempts", "either attempts or a cure", fault.value.attempts);
  cure.keys(["by", "times", "maxBytes", "waitMs"]);
  const by = cure.names("by", true);
  if (by.length === 0) cure.problem("by", `at least one of ${CURE_KINDS.join(", ")}`, cure.value.by);
  for (const kind of by) {
    if (!(CURE_KINDS as readonly string[]).includes(kind)) cure.problem("by", `only ${CURE_KINDS.join(", ")}`, kind);
    if ((kind === "told" || kind === "dropped") && !SPOILING.includes(String(fault.value.kind)))
      cure.problem("by", `${kind} only with ${SPOILING.join(" or ")}, which alone leave something to repair`, kind);
  }
  const needs = (kind: CureKind): "required" | "optional" => (by.includes(kind) ? "required" : "optional");
  cure.integer("times", 1, 1_000, "optional");
  cure.integer("maxBytes", 1, 2 ** 26, needs("compacted"));
  cure.number("waitMs", 1, 3_600_000, needs("waited"));
}

/** Checks `fault` of a model step, if there is one. */
export function checkStepFault(step: Shape): void {
  if (step.value.fault === undefined) return;
  const fault = step.child("fault");
  if (fault === undefined) return;
  fault.keys(["kind", "attempts", "cure", "share", "with"]);
  fault.oneOf("kind", Object.keys(WORLD_FAULTS));
  checkAttempts(fault);
  checkShare(fault);
  checkCure(fault);
  checkSettings(fault, WORLD_FAULTS);
  if (SPOILING.includes(String(fault.value.kind)) && step.value.call === undefined)
    step.problem("call", `a call that ${String(fault.value.kind)} can spoil`, step.value.call);
}

/** Checks `fault` of a tool's behaviour, if there is one. */
export function checkToolFault(tool: Shape): void {
  if (tool.value.fault === undefined) return;
  const fault = tool.child("fault");
  if (fault === undefined) return;
  fault.keys(["kind", "attempts", "share", "with"]);
  fault.oneOf("kind", Object.keys(TOOL_FAULTS));
  checkAttempts(fault);
  checkShare(fault);
  checkSettings(fault, TOOL_FAULTS);
}
