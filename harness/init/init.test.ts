import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { UsageError } from "../errors.ts";
import { checkRunnerFile } from "../runner-shape.ts";
import { runnerOfBackend } from "./backend-runner.ts";
import { parseCurl, shellWords } from "./curl-command.ts";
import { mappingOfCurl } from "./curl-mapping.ts";
import { startCommand } from "./start-command.ts";

const problemsOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error.problems.join("\n");
    throw error;
  }
  return "no problem";
};

describe("a curl command", () => {
  it("is parted into words as a shell does it", () => {
    const text = `curl 'it'\\''s' "a \\"b\\" \\n" c\\ d \\\n  --x=1 ''`;
    expect(shellWords(text)).toEqual(["curl", "it's", 'a "b" \\n', "c d", "--x=1", ""]);
    expect(problemsOf(() => shellWords("curl 'open"))).toMatch(/quote \('\) that is not closed/);
  });

  it("gives method, path, headers and body, whatever form its flags have", () => {
    const forms = [
      `curl -N -X POST localhost:3000/api/chat?v=1 -H 'X-A: b: c' -d '{"m":"{input}"}'`,
      `curl -sSNXPOST --url https://a.example/api/chat?v=1 -H"X-A:b: c" --data-raw '{"m":"{input}"}' -m 5`,
      `curl http://[::1]:80/api/chat?v=1 --json '{"m":"{input}"}' --header "x-a: b: c" --compressed`,
    ];
    for (const form of forms) {
      const { headers, ...rest } = parseCurl(form);
      expect(rest).toEqual({ method: "POST", path: "/api/chat?v=1", body: '{"m":"{input}"}' });
      expect([...headers]).toEqual([["x-a", "b: c"]]);
    }
    expect(parseCurl("curl localhost:3000")).toMatchObject({ method: "GET", path: "/", body: null });
  });

  it.each([
    ["wget localhost", /begins with "curl"/],
    ["curl", /names no address/],
    ["curl a b", /more than one address: a b/],
    ["curl localhost -d @body.json", /reads its body from a file/],
    ["curl localhost -F a=b", /has -F, which is not understood/],
    ["curl localhost --proxy x", /has --proxy, which is not understood/],
    ["curl localhost -d", /ends after -d, which wants a value/],
    ["curl localhost -H nothing", /is not a header/],
    ["curl ftp://localhost/x", /not an address of HTTP/],
  ])("%s is refused with what is wrong", (text, problem) => {
    expect(problemsOf(() => parseCurl(text))).toMatch(problem);
  });
});

describe("the mapping of a curl command", () => {
  const of = (text: string) => mappingOfCurl(parseCurl(text));
  const BODY = `-d '{"id":"{session}","text":"{input}"}'`;

  it("holds request, headers and body, and leaves out what the client writes itself", () => {
    const { mapping, streams } = of(
      `curl localhost/chat/{turn} -H 'Accept: text/event-stream' -H 'Content-Type: application/json' -H 'X-Team: a' ${BODY}`,
    );
    expect(mapping).toEqual({
      request: "POST /chat/{turn}",
      headers: { "x-team": "a" },
      body: { id: "{session}", text: "{input}" },
    });
    expect(streams).toBe(true);
  });

  it("never holds a secret: variables become references, and literal secrets are replaced by one, with a sentence", () => {
    const { mapping, secrets, says } = of(
      `curl localhost -H "Authorization: Bearer $TOKEN" -H 'X-Api-Key: k-123' -b 'sid=s-456' -H 'X-Trace: \${TRACE}' ${BODY}`,
    );
    expect(mapping.headers).toEqual({
      authorization: "Bearer {env.TOKEN}",
      "x-api-key": "{env.DERBY_X_API_KEY}",
      "x-trace": "{env.TRACE}",
      cookie: "{env.DERBY_COOKIE}",
    });
    expect([...secrets]).toEqual([
      ["DERBY_X_API_KEY", "k-123"],
      ["DERBY_COOKIE", "sid=s-456"],
    ]);
    expect(says).toHaveLength(2);
    expect(JSON.stringify([mapping, says])).not.toMatch(/k-123|s-456/);
  });

  it.each([
    [`curl 'localhost/chat?api_key=abc' ${BODY}`, /"api_key" looks like a secret/],
    [
      `curl localhost -d '{"id":"{session}","text":"{input}","auth":{"accessToken":"abc"}}'`,
      /"accessToken" looks like/,
    ],
    ['curl localhost -d \'{"text":"hello"}\'', /no \{session\}: put it where.*\n.*no \{input\}: put it where/],
    ["curl localhost/{session}/{input}", /sends no body/],
    ["curl localhost/{session} -d '{input}'", /is not JSON/],
  ])("%s is refused with what is wrong", (text, problem) => {
    expect(problemsOf(() => of(text))).toMatch(problem);
  });

  it("takes a limit of tokens, and a place of its own, for no secret", () => {
    const { mapping } = of(`curl localhost -d '{"chatToken":"{session}","text":"{input}","max_tokens":"5"}'`);
    expect(mapping.body).toMatchObject({ chatToken: "{session}", max_tokens: "5" });
  });
});

describe("how a backend is started", () => {
  const folderWith = (files: Readonly<Record<string, string>>): string => {
    const folder = mkdtempSync(join(tmpdir(), "init-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  };

  it.each([
    [
      { "package.json": '{"scripts":{"start":"node --enable-source-maps dist/app.js"}}' },
      "node --enable-source-maps dist/app.js",
    ],
    [{ "package.json": '{"scripts":{"start":"NODE_ENV=production node app.js && echo"}}' }, "npm start --silent"],
    [
      { "app/main.py": "api: FastAPI = FastAPI(title='x')" },
      'python3 -m uvicorn app.main:api --host 127.0.0.1 --port "$PORT"',
    ],
    [
      { "main.py": "app = FastAPI()", ".venv/bin/python": "" },
      '.venv/bin/python -m uvicorn main:app --host 127.0.0.1 --port "$PORT"',
    ],
  ])("is read from %j", (files, line) => {
    expect(startCommand(folderWith(files), undefined).line).toBe(line);
  });

  it("is what the caller says, and asked for where nothing tells", () => {
    expect(startCommand(folderWith({ "pyproject.toml": "" }), "make run")).toMatchObject({
      line: "make run",
      language: "Python",
    });
    expect(problemsOf(() => startCommand(folderWith({}), undefined))).toMatch(/--start "COMMAND"/);
    expect(problemsOf(() => startCommand(folderWith({ "package.json": "{" }), undefined))).toMatch(/not a JSON object/);
  });
});

test("the runner of a backend is a valid runner.json without promises, ready when it takes connections or answers", () => {
  const backend = {
    name: "mine",
    home: "https://mine.example",
    start: { line: "node app.js", language: "JavaScript", from: "test" },
    portEnv: "HTTP_PORT",
    modelEnv: "LLM_URL",
    env: { FILES: "{dataDir}/files" },
    mapping: {
      ...mappingOfCurl(parseCurl(`curl localhost -d '["{session}","{input}"]'`)).mapping,
      answer: { text: "$" },
    },
  };
  for (const [ready, expected] of [
    [undefined, "TCP :http"],
    ["/health", "GET :http/health"],
  ] as const) {
    const file = runnerOfBackend({ ...backend, ready });
    expect(checkRunnerFile(file)).toEqual([]);
    expect(file).toMatchObject({
      promises: {},
      processes: [{ ready: expected, env: { HTTP_PORT: "{port.http}", LLM_URL: "{env.MODEL_URL}" } }],
    });
  }
});
