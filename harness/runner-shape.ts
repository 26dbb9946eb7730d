/**
 * What a runner.json may hold: every rule of the contract's file, checked by hand so that each problem is a sentence with the key,
 * what was given and what is expected. Knows nothing of folders or variants in use; `runner-check.ts` does.
 */

import { checkBudget } from "./budget/budget-shape.ts";
import { unknownName } from "./errors.ts";
import { LOCAL_TOOLS } from "./scenario.ts";
import { type Problems, Shape } from "./shape.ts";

const FILE_KEYS = [
  "runtime",
  "language",
  "home",
  "processes",
  "setup",
  "needs",
  "localTools",
  "promises",
  "variants",
  "deviations",
  "recovery",
  "budget",
  "redeploy",
  "version",
  "install",
  "image",
  "turn",
  "contestant",
] as const;
const PROCESS_KEYS = ["name", "role", "command", "ports", "ready", "serves", "world", "replicas", "env"] as const;
const VARIANT_KEYS = [
  "runtime",
  "home",
  "needs",
  "version",
  "install",
  "commands",
  "env",
  "promises",
  "deviations",
  "recovery",
] as const;
const MAPPING_KEYS = ["request", "headers", "body", "answer", "refused", "key", "read"] as const;
/** Values of each promise; null stands for true and false. */
const PROMISES: Readonly<Record<string, readonly string[] | null>> = {
  "durable-turns": ["process", "database-process"],
  "journaled-steps": null,
  effects: ["at-most-once", "at-least-once", "exactly-once-with-keys"],
  "fenced-effects": null,
  "resumes-unasked": null,
  "isolated-crash": null,
  "isolated-cpu": null,
  "single-writer": null,
  "durable-timers": null,
  readable: null,
  streaming: null,
  cancellable: null,
  "sub-agents": ["joined", "restarted"],
  compacts: null,
};
const NAME = /^[a-z][a-z0-9-]*$/;
const PLACE = /\{([^{}]*)\}/g;

function flag(shape: Shape, key: string): void {
  const given = shape.value[key];
  if (given !== undefined && typeof given !== "boolean") shape.problem(key, "true or false", given);
}

/** A list of texts that is not empty: a program and its arguments. */
function command(shape: Shape, key: string, required: boolean): string[] {
  const words = shape.names(key, required);
  if (Array.isArray(shape.value[key]) && words.length === 0)
    shape.problem(key, "a program and its arguments", shape.value[key]);
  return words;
}

/** An object whose values are all texts. */
function texts(shape: Shape, key: string): string[] {
  if (shape.value[key] === undefined) return [];
  const child = shape.child(key);
  for (const [name, value] of Object.entries(child?.value ?? {}))
    if (typeof value !== "string") child?.problem(name, "a text", value);
  return Object.values(child?.value ?? {}).filter((value) => typeof value === "string");
}

function checkPromises(shape: Shape, required: boolean): void {
  if (!required && shape.value.promises === undefined) return;
  const promises = shape.child("promises");
  promises?.keys(Object.keys(PROMISES));
  for (const [name, values] of Object.entries(PROMISES)) {
    if (promises === undefined || promises.value[name] === undefined) continue;
    if (values === null) flag(promises, name);
    else promises.oneOf(name, values);
  }
}

/** {port.NAME}, {dataDir} and {env.NAME} are the only places; anything else in braces would reach the process as it stands. */
function checkPlaces(shape: Shape, key: string, words: readonly string[], ports: readonly string[]): void {
  for (const place of words.flatMap((word) => [...word.matchAll(PLACE)].map((match) => match[1] ?? ""))) {
    const port = /^port\.(.*)$/.exec(place)?.[1];
    if (port !== undefined && !ports.includes(port))
      shape.problem(key, `the name of a port (${ports.join(", ") || "none is declared"})`, `{${place}}`);
    if (port === undefined && place !== "dataDir" && /^(env|port|data)/.test(place) && !/^env\.\w+$/.test(place))
      shape.problem(key, "{port.NAME}, {dataDir} or {env.NAME}", `{${place}}`);
  }
}

function checkProcess(process: Shape, ports: readonly string[]): void {
  process.keys(PROCESS_KEYS);
  const { name, ready } = process.value;
  if (typeof name !== "string" || !NAME.test(name))
    process.problem("name", "a name of [a-z0-9-] that begins with a letter", name);
  process.oneOf("role", ["app", "engine", "store"]);
  checkPlaces(process, "command", command(process, "command", true), ports);
  for (const port of process.names("ports", false))
    if (!NAME.test(port)) process.problem("ports", "names of [a-z0-9-]", port);
  const readyPort =
    typeof ready === "string"
      ? /^(?:GET :([^/\s]+)\/\S*|TCP :([^/\s]+))$/.exec(ready)?.slice(1).find(Boolean)
      : undefined;
  if (ready !== undefined && readyPort === undefined)
    process.problem("ready", 'the form "GET :port/path" or "TCP :port"', ready);
  if (readyPort !== undefined && !ports.includes(readyPort))
    process.problem("ready", `one of the ports ${ports.join(", ") || "(none is declared)"}`, readyPort);
  if (process.value.serves === true && Array.isArray(process.value.ports) && process.value.ports.length === 0)
    process.problem("ports", "at least one port, since this process serves", process.value.ports);
  flag(process, "serves");
  flag(process, "world");
  process.integer("replicas", 1, 100, "optional");
  checkPlaces(process, "env", texts(process, "env"), ports);
}

/** Defaults that decide recovery, each named once. */
function checkRecovery(shape: Shape): void {
  const defaults = shape.children("recovery");
  for (const one of defaults) {
    one.keys(["what", "value"]);
    one.text("what");
    one.text("value");
  }
  for (const what of repeated(defaults.map(({ value }) => value.what)))
    shape.problem("recovery", "each `what` once", what);
}

function repeated(names: readonly unknown[]): unknown[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** Ports that each process has; a serving one takes turns on "http" unless it says otherwise. */
function portsOf(process: Shape): unknown[] {
  const { ports, serves } = process.value;
  if (Array.isArray(ports)) return ports;
  return serves === true ? ["http"] : [];
}

/** Names of the ports, which any place may name, and of the processes. */
interface Declared {
  readonly ports: readonly string[];
  readonly processes: readonly string[];
}

function checkProcesses(file: Shape): Declared {
  const processes = file.children("processes");
  const ports = processes.flatMap(portsOf);
  const known = ports.filter((port) => typeof port === "string");
  for (const process of processes) checkProcess(process, known);
  const serving = processes.filter((process) => process.value.serves === true).length;
  if (processes.length === 0) file.problem("processes", "at least one process", file.value.processes);
  else if (serving !== 1) file.says(`processes: expected exactly one process with "serves": true, got ${serving}.`);
  for (const name of repeated(processes.map((process) => process.value.name)))
    file.says(`processes: two are named ${JSON.stringify(name)}.`);
  for (const port of repeated(ports))
    file.says(`processes: port ${JSON.stringify(port)} is declared twice; names of ports are unique in a runner.`);
  const names = processes.map((process) => process.value.name).filter((name) => typeof name === "string");
  return { ports: known, processes: names };
}

function checkNeeds(shape: Shape): void {
  for (const need of shape.names("needs", false))
    if (need !== "postgres") shape.problem("needs", 'a list of "postgres"', need);
}

function checkInstall(shape: Shape): void {
  if (shape.value.install === undefined) return;
  const install = shape.child("install");
  if (install === undefined) return;
  install.keys(["check", "how", "steps"]);
  command(install, "check", true);
  install.text("how");
  const { steps } = install.value;
  if (steps === undefined) return;
  const isCommand = (step: unknown): boolean =>
    Array.isArray(step) && step.length > 0 && step.every((word) => typeof word === "string");
  if (!Array.isArray(steps) || steps.length === 0) install.problem("steps", "a list of commands", steps);
  else
    for (const [index, step] of steps.entries())
      if (!isCommand(step)) install.problem(`steps[${index}]`, "a program and its arguments", step);
}

/** A variant's commands, each of a process that the runner has. */
function checkCommands(variant: Shape, declared: Declared): void {
  if (variant.value.commands === undefined) return;
  const commands = variant.child("commands");
  for (const name of Object.keys(commands?.value ?? {})) {
    if (commands === undefined) continue;
    if (!declared.processes.includes(name))
      commands.says(`${commands.path}: ${unknownName("process", name, declared.processes)}`);
    else checkPlaces(commands, name, command(commands, name, true), declared.ports);
  }
}

function checkVariants(file: Shape, declared: Declared): void {
  if (file.value.variants === undefined) return;
  const variants = file.child("variants");
  for (const name of Object.keys(variants?.value ?? {})) {
    if (!NAME.test(name)) variants?.problem(name, "a name of [a-z0-9-] that begins with a letter", name);
    const variant = variants?.child(name);
    if (variant === undefined) continue;
    variant.keys(VARIANT_KEYS);
    variant.text("runtime", "optional");
    variant.text("home", "optional");
    checkNeeds(variant);
    command(variant, "version", false);
    checkInstall(variant);
    checkCommands(variant, declared);
    texts(variant, "env");
    checkPromises(variant, false);
    variant.names("deviations", false);
    checkRecovery(variant);
  }
}

function checkMapping(file: Shape): void {
  if (file.value.turn === undefined) return;
  const turn = file.child("turn");
  if (turn === undefined) return;
  turn.keys(MAPPING_KEYS);
  const isRequest = (given: unknown): boolean => typeof given === "string" && /^[A-Z]+ \/\S*$/.test(given);
  if (!isRequest(turn.value.request)) turn.problem("request", 'the form "POST /path"', turn.value.request);
  if (turn.value.body === undefined) turn.problem("body", "a JSON value", undefined);
  texts(turn, "headers");
  const answer = turn.child("answer");
  answer?.keys(["text", "failed", "sse", "token"]);
  answer?.text("text");
  answer?.text("failed", "optional");
  answer?.text("sse", "optional");
  answer?.text("token", "optional");
  const { refused, read } = turn.value;
  if (refused !== undefined && !(Array.isArray(refused) && refused.every(Number.isInteger)))
    turn.problem("refused", "a list of HTTP statuses", refused);
  if (turn.value.key !== undefined) {
    const key = turn.child("key");
    key?.keys(["header", "value"]);
    key?.text("header");
    key?.text("value");
  }
  if (read === undefined || read === null) return;
  const reading = turn.child("read");
  reading?.keys(["request", "turns"]);
  if (reading !== undefined && !isRequest(reading.value.request))
    reading.problem("request", 'the form "GET /path"', reading.value.request);
  reading?.text("turns");
}

/** Every problem of what a runner.json holds, as sentences; empty when there is none. */
export function checkRunnerFile(content: unknown): Problems {
  const problems: Problems = [];
  const file = Shape.of(content, problems, "the file");
  if (file === undefined) return problems;
  const top = new Shape(file.value, problems, "");
  top.keys(FILE_KEYS);
  for (const key of ["runtime", "language", "home"]) top.text(key);
  const declared = checkProcesses(top);
  const { ports } = declared;
  checkPlaces(top, "setup", command(top, "setup", false), ports);
  checkNeeds(top);
  for (const tool of top.names("localTools", false))
    if (!(LOCAL_TOOLS as readonly string[]).includes(tool))
      top.problem("localTools", `names out of ${LOCAL_TOOLS.join(", ")}`, tool);
  checkPromises(top, true);
  checkVariants(top, declared);
  top.names("deviations", false);
  checkRecovery(top);
  checkBudget(top);
  if (top.value.redeploy !== undefined) {
    const redeploy = top.child("redeploy");
    redeploy?.keys(["env"]);
    if (redeploy?.value.env === undefined) redeploy?.problem("env", "an object of texts", undefined);
    if (redeploy !== undefined) checkPlaces(redeploy, "env", texts(redeploy, "env"), ports);
  }
  command(top, "version", false);
  checkInstall(top);
  top.text("image", "optional");
  checkMapping(top);
  flag(top, "contestant");
  return problems;
}
