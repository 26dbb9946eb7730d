/**
 * The planted bugs, by the name of the variant: what each does wrong, which checkers must find it and which may beside them.
 * "C4" and so on are those of the report. What one wrong implies for others is written down here again, since a runner knows
 * nothing of the harness.
 */
import type { FinishedTurn, TurnResult } from "../kit/typescript/messages.ts";
import type { Habits, Place } from "./habits.ts";

export interface Bug {
  /** As a sentence without its subject. */
  readonly says: string;
  readonly must: readonly string[];
  readonly may: readonly string[];
  /** It shows only when the process is killed. */
  readonly killed?: true;
  readonly habits: Partial<Habits>;
}

const digits = (text: string): number => [...text].reduce((sum, character) => sum + character.charCodeAt(0), 0);
/** Every third turn, whichever process asks. */
const unlucky = ({ session, turn }: Place): boolean => digits(`${session}/${turn}`) % 3 === 0;
const withOutput = <Result extends TurnResult>(result: Result, change: (output: string) => string): Result =>
  "output" in result ? { ...result, output: change(result.output) } : result;

let lastSaid = "";
let reads = 0;

/** Says what was said before it, in whichever session. */
function mixUp(text: string, place: Place): string {
  const before = lastSaid;
  lastSaid = text;
  return unlucky(place) && before !== "" ? before : text;
}

const INVENTED: FinishedTurn = { turn: "99", input: "hello", output: "How can I help you?" };

export const BUGS: Readonly<Record<string, Bug>> = {
  "drops-an-acknowledged-turn": {
    says: "shows and remembers every third turn no more, once it has answered it",
    must: ["C1", "C18"],
    may: ["C4", "C5"],
    habits: {
      lists: (turns, place) => turns.filter(({ turn }) => !unlucky({ ...place, turn })),
      recalls: (turns) => turns.filter((_, index) => index % 3 !== 1),
    },
  },
  "forgets-history-but-keeps-rows": {
    says: "shows the model the last turn only, and reads show all",
    must: ["C18"],
    may: [],
    habits: { recalls: (turns) => turns.slice(-1) },
  },
  "reorders-turns-for-the-model": {
    says: "shows the model the newest turn first",
    must: ["C18"],
    may: [],
    habits: { recalls: (turns) => turns.toReversed() },
  },
  "doubles-turns-for-the-model": {
    says: "shows the model the newest turn twice",
    must: ["C18"],
    may: [],
    habits: { recalls: (turns) => [...turns, ...turns.slice(-1)] },
  },
  "loses-a-middle-turn": {
    says: "shows conversations without their second turn",
    must: ["C1"],
    may: ["C4", "C5"],
    habits: { lists: (turns) => (turns.length < 3 ? turns : turns.filter((_, index) => index !== 1)) },
  },
  "doubles-a-turn-in-the-transcript": {
    says: "shows the newest turn twice",
    must: ["C3"],
    may: ["C4"],
    habits: { lists: (turns) => [...turns, ...turns.slice(-1)] },
  },
  "reorders-turns-in-reads": {
    says: "shows the newest turn first",
    must: ["C10"],
    may: ["C4"],
    habits: { lists: (turns) => turns.toReversed() },
  },
  "read-shrinks": {
    says: "leaves the newest turn out of every fourth read",
    must: ["C5"],
    may: ["C1", "C4"],
    habits: { lists: (turns) => (++reads % 4 === 0 ? turns.slice(0, -1) : turns) },
  },
  "invented-turn": {
    says: "shows a turn that nobody asked for",
    must: ["C2"],
    may: ["C4"],
    habits: { lists: (turns) => [...turns, INVENTED] },
  },
  "reworded-answer": {
    says: "puts a word of its own before some answers",
    must: ["C15"],
    may: [],
    habits: { says: (text, place) => (unlucky(place) ? `Well: ${text}` : text) },
  },
  "answer-of-another-session": {
    says: "mixes up the answers of two sessions",
    must: ["C15", "C18"],
    may: [],
    habits: { says: mixUp },
  },
  "cached-answer": {
    says: "answers some turns without asking the model",
    must: ["C15", "C18"],
    may: ["C6"],
    habits: { knows: (place) => (unlucky(place) ? "As I said before." : null) },
  },
  "another-answer-the-second-time": {
    says: "tells a turn otherwise when it is asked for again",
    must: ["C3", "C15"],
    may: [],
    habits: { tells: (result, times) => (times > 0 ? withOutput(result, (text) => `${text} again`) : result) },
  },
  "doubles-an-effect": {
    says: "sends some calls twice, with another key",
    must: ["C6"],
    may: [],
    habits: { sends: (place) => (unlucky(place) ? 2 : 1) },
  },
  "effect-missing": {
    says: "makes up the results of some calls instead of sending them",
    must: ["C6"],
    may: [],
    habits: { sends: (place) => (unlucky(place) ? 0 : 1) },
  },
  "answers-before-the-effect": {
    says: "does not wait for its tools",
    must: ["C10"],
    // A timer that nobody waits for is early, and a result that is not there is none.
    may: ["C6", "C14", "C15"],
    habits: { awaitsTools: () => false },
  },
  "early-timer": {
    says: "sleeps half as long as it should",
    must: ["C14"],
    may: [],
    habits: {
      makes: (call) => {
        const { name, arguments: text } = call.function;
        if (name !== "sleep") return call;
        const args = JSON.parse(text) as { readonly ms: number };
        return { ...call, function: { name, arguments: JSON.stringify({ ...args, ms: args.ms / 2 }) } };
      },
    },
  },
  "wrong-local-result": {
    says: "returns a wrong result from some local tools",
    must: ["C15"],
    may: [],
    habits: { computes: (result, place) => (unlucky(place) ? `${result}0` : result) },
  },
  "runs-a-turn-twice": {
    says: "runs a turn once more when it is asked for again while it runs",
    must: ["C7"],
    may: ["C3", "C6", "C10", "C14", "C15", "C18", "C19"],
    habits: { joins: () => false },
  },
  "in-memory-that-vows": {
    says: "writes nothing down and vows durable turns",
    must: ["C1", "C18"],
    may: ["C3", "C4", "C5", "C6", "C7", "C14", "C19"],
    killed: true,
    habits: { keeps: () => false },
  },
  "forgets-history-after-restart": {
    says: "shows the model after a restart the last turn only",
    must: ["C18"],
    may: [],
    killed: true,
    habits: { recalls: (turns, { restarted }) => (restarted ? turns.slice(-1) : turns) },
  },
  "stale-after-restart": {
    says: "leaves the newest turn out of reads for three seconds after a restart",
    must: ["C5"],
    may: ["C1", "C4"],
    killed: true,
    habits: { lists: (turns, { restarted, upMs }) => (restarted && upMs < 3_000 ? turns.slice(0, -1) : turns) },
  },
  "answers-before-it-commits": {
    says: "answers first and writes the answer down two seconds later",
    must: ["C1"],
    may: ["C3", "C4", "C5", "C7", "C12", "C18"],
    killed: true,
    habits: { answersAheadMs: 2_000 },
  },
  "buys-again-what-it-has": {
    says: "begins an interrupted turn from its beginning, though its steps were written down",
    must: ["C7"],
    may: ["C6", "C14", "C19"],
    killed: true,
    habits: { resumes: () => "begins anew" },
  },
  "never-resumes": {
    says: "lets whoever asks for an interrupted turn wait",
    must: ["C12"],
    may: [],
    killed: true,
    habits: { resumes: () => "never ends" },
  },
};
