/** How a backend in somebody's repository is started, as far as its files tell. Reads; writes and starts nothing. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type Json, parsed } from "../conform/json.ts";
import { UsageError } from "../errors.ts";

export interface StartCommand {
  /** One line of shell, run in the repository with PORT and the model's address in its environment. */
  readonly line: string;
  readonly language: string;
  /** From which file it was read. */
  readonly from: string;
}

/** Where applications of FastAPI and Starlette mostly stand. */
const PYTHON_MODULES = ["main", "app", "server", "app/main", "src/main"];

const textOf = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, "utf8") : undefined);

/** What package.json holds; an empty object where there is none. @throws UsageError when it is no JSON object */
export function packageOf(folder: string): Json {
  const text = textOf(join(folder, "package.json")) ?? "{}";
  const value = parsed(text);
  if (!isObject(value)) throw new UsageError("package.json is not a JSON object.");
  return value;
}

function fromPackageJson(folder: string): StartCommand | undefined {
  const { scripts } = packageOf(folder);
  const script = isObject(scripts) ? scripts.start : undefined;
  if (typeof script !== "string") return undefined;
  const language = existsSync(join(folder, "tsconfig.json")) ? "TypeScript" : "JavaScript";
  // npm would stand between the harness and the process, with memory of its own; a plain call of Node needs nothing of it.
  const line = /^node [\w@./= -]+$/.test(script) ? script : "npm start --silent";
  return { line, language, from: `"start" of package.json` };
}

function fromPython(folder: string): StartCommand | undefined {
  const python = existsSync(join(folder, ".venv/bin/python")) ? ".venv/bin/python" : "python3";
  for (const module of PYTHON_MODULES) {
    const app = /^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:FastAPI|Starlette)\(/m.exec(
      textOf(join(folder, `${module}.py`)) ?? "",
    )?.[1];
    if (app !== undefined) {
      const target = `${module.replaceAll("/", ".")}:${app}`;
      const line = `${python} -m uvicorn ${target} --host 127.0.0.1 --port "$PORT"`;
      return { line, language: "Python", from: `${module}.py` };
    }
  }
  return undefined;
}

/**
 * @param given what the caller says instead
 * @throws UsageError when neither the caller nor the folder tells
 */
export function startCommand(folder: string, given: string | undefined): StartCommand {
  const found = fromPackageJson(folder) ?? fromPython(folder);
  const language = existsSync(join(folder, "pyproject.toml")) ? "Python" : (found?.language ?? "unknown");
  if (given !== undefined) return { line: given, language, from: "--start" };
  if (found !== undefined) return found;
  throw new UsageError(
    'Nothing here tells how the backend is started: no "start" in package.json, and no FastAPI application. Say it: --start "COMMAND"; it gets the port as PORT.',
  );
}
