/** Story: a capsule as lines that a person reads from top to bottom: when, who saw it, what happened. */
import type { Capsule, CapsuleEvent } from "../capsule.ts";
import type { DriverEvent, TrialEvent, WorldEvent } from "../history.ts";

/** "turn 3", and of a second client's attempts that they are his. */
const attemptOf = ({ n, a, c }: { n: number; a: number; c?: 2 }): string =>
  `turn ${n}, ${c === undefined ? "attempt" : "second client, attempt"} ${a}`;

function toldByDriver(event: DriverEvent): string {
  switch (event.e) {
    case "arrive":
      return "the session arrives";
    case "leave":
      return "the session leaves";
    case "enabled":
      return `turn ${event.n} is due${event.kind === undefined ? "" : ` (${event.kind})`}`;
    case "invoke":
      return `${attemptOf(event)} leaves`;
    case "first":
      return `${attemptOf(event)}: first text read`;
    case "ok":
      return `${attemptOf(event)} is answered: ${event.h}`;
    case "failed":
      return `${attemptOf(event)} has failed for good: ${event.code}`;
    case "fail":
      return `${attemptOf(event)} was certainly not accepted: ${event.why}`;
    case "info":
      return `${attemptOf(event)} came to nothing, and may have been accepted: ${event.why}`;
    case "late":
      return `turn ${event.n} has passed its deadline`;
    case "censored":
      return `turn ${event.n} is still open when the trial ends`;
    case "read": {
      const shown = event.turns?.map(([turn, , output]) => `${turn} ${output}`).join(", ");
      return `a read begun at ${event.began} is answered with status ${event.status}${shown === undefined ? "" : `: ${shown === "" ? "no turns" : shown}`}`;
    }
  }
}

/** "turn 3, step 1" and, of a call, which. */
const stepOf = ({ n, k, c }: { n: number; k: number; c?: number }): string =>
  `turn ${n}, step ${k}${c === undefined ? "" : `, call ${c}`}`;
const faulty = (fault: string | undefined): string => (fault === undefined ? "" : `, fault ${fault}`);
const fenced = (fence: number | undefined): string => (fence === undefined ? "" : `, fence ${fence}`);

function toldOfModel(event: Extract<WorldEvent, { readonly e: "ask" | "denied" | "first" | "said" }>): string {
  switch (event.e) {
    case "ask": {
      const links = event.links === undefined ? "" : `, shows turns [${event.links.join(", ")}]`;
      const stands = event.of === undefined ? "" : `, upon purchase ${event.of} of the step before`;
      const sold = event.p === undefined ? "nothing is sold" : `purchase ${event.p}`;
      return `${stepOf(event)}: start ${event.i} asks the model, request ${event.r}: ${sold}${links}${stands}${faulty(event.fault)}`;
    }
    case "denied": {
      const how = event.aborted ? "its client has left" : `status ${event.status}`;
      return `${stepOf(event)}: request ${event.r} gets no completion, ${how}${faulty(event.fault)}`;
    }
    case "first":
      return `${stepOf(event)}: first token of purchase ${event.p}`;
    case "said": {
      const answer = event.h === undefined ? "" : `, the answer ${event.h}`;
      return `${stepOf(event)}: purchase ${event.p} ends (${event.end}) after ${event.tokens} tokens${answer}${faulty(event.fault)}`;
    }
  }
}

function toldByWorld(event: WorldEvent): string {
  switch (event.e) {
    case "tool":
      return `${stepOf(event)}: start ${event.i} calls ${event.name} upon purchase ${event.p}${event.key === undefined ? "" : `, key ${event.key}`}${fenced(event.fence)}${faulty(event.fault)}`;
    case "effect":
      return `${stepOf(event)}: the ${event.kind} effect is ${event.result}${fenced(event.fence)}`;
    case "told":
      return `${stepOf(event)}: the tool answers with status ${event.status}${event.aborted ? ", but its caller has left" : ""}${faulty(event.fault)}`;
    case "held":
      return `${stepOf(event)}: held at "${event.at}" for ${event.id}`;
    case "released":
      return `${stepOf(event)}: ${event.closed ? "its connection closes while it is held" : "let go"} at "${event.at}" for ${event.id}`;
    case "crash":
      return `${stepOf(event)}: leave to crash is asked and ${event.die === false ? "refused" : `given: ${event.die}`}`;
    case "local":
      return `${stepOf(event)}: the result of ${event.tool} is ${event.ok ? "right" : "WRONG"}`;
    case "offscript":
      return `start ${event.i} asks the model something outside the script`;
    case "unattributed":
      return `start ${event.i} sends a request that names no session: ${event.path}`;
    default:
      return toldOfModel(event);
  }
}

function toldByTrial(event: TrialEvent): string {
  switch (event.e) {
    case "phase":
      return `phase ${event.phase}`;
    case "start":
      return `${event.process} starts: start ${event.i}, replica ${event.replica}, pid ${event.pid}`;
    case "ready":
      return `${event.process} is ready: start ${event.i}`;
    case "exit":
      return `${event.process} ends: start ${event.i}, ${event.signal ?? `code ${event.code}`}${event.expected ? "" : ", by itself"}`;
    case "fault":
      return `fault ${event.id} (${event.kind}) is asked for`;
    case "exposed":
      return `fault ${event.id} strikes: ${event.standing} of ${event.members} stand at "${event.at}"`;
    case "landed":
      return `fault ${event.id} has landed: ${event.proof}`;
    case "cured":
      return `fault ${event.id} is over`;
    case "missed":
      return `fault ${event.id} was missed: ${event.why}`;
    case "gave-up":
      return `a process is not started any more: ${event.reason}`;
    case "clean":
      return event.left.length === 0 ? "nothing is left of the trial" : `left of the trial: ${event.left.join(", ")}`;
    default:
      return JSON.stringify(event);
  }
}

function told(one: CapsuleEvent): string {
  if (one.w === "driver") return toldByDriver(one.event);
  return one.w === "world" ? toldByWorld(one.event) : toldByTrial(one.event);
}

/** The story of a capsule: what was claimed and found, every event as a line, evidence marked where it stands, and how to repeat it. */
export function storyOf(capsule: Capsule): string[] {
  const { checker, verdict, trial, session, runner, events, replay } = capsule;
  const evidence = new Map(verdict.evidence.map(({ witness, index, says }) => [`${witness} ${index}`, says]));
  const lines = events.flatMap((one) => {
    const says = evidence.get(`${one.w} ${one.at}`);
    const line = `${one.event.t.toFixed(3).padStart(12)}  ${one.w.padEnd(6)}  ${told(one)}`;
    return says === undefined ? [line] : [line, `${" ".repeat(12)}  ^^^^^^  ${says}`];
  });
  return [
    `${checker} is broken in trial ${trial} of ${runner.name}${session === null ? "" : `, session ${session}`}: "${verdict.claim}" ${verdict.reason}`,
    "",
    `${"ms".padStart(12)}  who     what`,
    ...lines,
    "",
    `Repeat the trial with: ${replay}`,
  ];
}
