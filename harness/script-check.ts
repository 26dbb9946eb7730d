/** Checks the turn scripts of a cohort: model steps, tool behaviours, calls and faults of steps. */

import { unknownName } from "./errors.ts";
import { LOCAL_TOOLS, OFFERED } from "./scenario.ts";
import { checkAttempts, checkStepFault, checkToolFault } from "./script-fault-check.ts";
import { Shape } from "./shape.ts";

const STEP_KEYS = ["say", "call", "attempts", "fault"] as const;
const SAY_KEYS = ["firstTokenMs", "tokens", "tokensPerSecond"] as const;
const TOOL_KEYS = ["tool", "takesMs", "effect", "fault"] as const;

function checkCall(step: Shape, call: unknown): void {
  if (Array.isArray(call)) {
    for (const one of call) checkCall(step, one);
    return;
  }
  if (typeof call === "string" && /^[a-z][a-z0-9_]{0,63}$/.test(call)) {
    if ((LOCAL_TOOLS as readonly string[]).includes(call))
      step.problem("call", `arguments for the local tool, as { ${call}: {…} }`, call);
    return;
  }
  const tools = typeof call === "object" && call !== null ? Object.keys(call) : [];
  const [tool] = tools;
  if (tools.length !== 1 || tool === undefined)
    step.problem("call", `the name of a remote tool, "${OFFERED}", or one local tool with its arguments`, call);
  else if (!(LOCAL_TOOLS as readonly string[]).includes(tool))
    step.says(`${step.path}.call: ${unknownName("local tool", tool, LOCAL_TOOLS)}`);
}

function checkStep(step: Shape): void {
  if ("tool" in step.value) {
    step.keys(TOOL_KEYS);
    step.text("tool");
    step.distribution("takesMs");
    step.oneOf("effect", ["keyed", "plain"]);
    checkToolFault(step);
    return;
  }
  step.keys(STEP_KEYS);
  const say = step.child("say");
  say?.keys(SAY_KEYS);
  say?.distribution("firstTokenMs");
  say?.distribution("tokens");
  say?.number("tokensPerSecond", 0.1, 10_000, "optional");
  checkAttempts(step);
  if (step.value.call !== undefined) checkCall(step, step.value.call);
  checkStepFault(step);
}

/** Checks `script` of a cohort: one list of steps, or `{ default, turn2: … }`. The last model step must end the turn. */
export function checkScript(cohort: Shape): void {
  const script = cohort.value.script;
  const lists = Array.isArray(script) ? { script } : ((script ?? {}) as Record<string, unknown>);
  if (!Array.isArray(script) && lists.default === undefined)
    cohort.problem(
      "script",
      "a list of steps, or an object with a `default` list and lists for single turns (turn2 …)",
      script,
    );
  for (const [name, list] of Object.entries(lists)) {
    const path = Array.isArray(script) ? "script" : `script.${name}`;
    if (!Array.isArray(script) && name !== "default" && !/^turn[1-9]\d*$/.test(name))
      cohort.says(`${cohort.path}.script: ${unknownName("key", name, ["default", "turn1", "turn2"])}`);
    const holder = new Shape({ [path]: list }, cohort.problems, cohort.path);
    const steps = holder.children(path);
    for (const step of steps) checkStep(step);
    const last = steps.filter((step) => "say" in step.value).at(-1);
    if (last === undefined) cohort.problem(path, "at least one model step ({ say })", list);
    else if (last.value.call !== undefined)
      cohort.problem(path, "a last model step without a call, since that ends the turn", last.value);
  }
}
