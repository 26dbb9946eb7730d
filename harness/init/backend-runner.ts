/** The runner.json of a backend with its own API: how it is started, where its model's address goes, and how a turn is asked for. Pure. */
import type { Mapping, RunnerFile } from "../runner.ts";
import type { StartCommand } from "./start-command.ts";

/** What is known of a backend. */
export interface Backend {
  /** What it is called in reports. */
  readonly name: string;
  readonly home: string;
  readonly start: StartCommand;
  /** Variable that takes the port. */
  readonly portEnv: string;
  /** Variable that takes the base address of the model. */
  readonly modelEnv: string;
  /** Path that answers 200 when turns are taken; undefined where taking connections has to do. */
  readonly ready: string | undefined;
  /** Further variables; values may hold {dataDir}, {port.http} and {env.NAME}. */
  readonly env: Readonly<Record<string, string>>;
  readonly mapping: Mapping;
}

/** A runner without promises: what it may claim is said by `conform`, and vowed by people. */
export function runnerOfBackend(backend: Backend): RunnerFile {
  const { name, home, start, portEnv, modelEnv, ready, env, mapping } = backend;
  return {
    runtime: name,
    language: start.language,
    home,
    processes: [
      {
        name: "app",
        role: "app",
        // Commands run beside this file, and the repository is the folder above; exec leaves no shell behind.
        command: ["sh", "-c", `cd .. && exec ${start.line}`],
        ports: ["http"],
        ready: ready === undefined ? "TCP :http" : `GET :http${ready}`,
        serves: true,
        world: true,
        env: { [portEnv]: "{port.http}", [modelEnv]: "{env.MODEL_URL}", OPENAI_API_KEY: "derby", ...env },
      },
    ],
    promises: {},
    turn: mapping,
  };
}
