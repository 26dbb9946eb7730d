/** Images and compose file, as far as they can be held to account without an engine: nothing here has been built or run by one. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageVersion } from "../harness/package-root.ts";
import type { RunnerFile } from "../harness/runner.ts";
import { buildContext, copied, instructionsOf, lastStage } from "./dockerfiles.ts";
import { shellEnvironment, start } from "./e2e/commands.ts";
import { ROOT } from "./sources.ts";

const HARNESS = "docker/harness.Dockerfile";
const TOOL_CHAINS = readdirSync(join(ROOT, "docker/runners")).map((name) => `docker/runners/${name}`);
const FILES = [HARNESS, ...TOOL_CHAINS];
const OURS = `agent-derby:${packageVersion}`;
const PINNED = /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const words = (rest: string): string[] => JSON.parse(rest) as string[];

/** The image under which a file says that it is built. */
const builtAs = (path: string): string => /docker build .* -t (\S+) \.$/m.exec(textOf(path))?.[1] ?? "";

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cpuset: string;
  readonly mem_limit: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: unknown;
  readonly volumes?: readonly string[];
}

const compose = parse(textOf("docker/compose.yml")) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

describe.each(FILES)("%s", (path) => {
  const instructions = instructionsOf(path);
  const named = new Map(
    instructions.filter(({ name }) => name === "ARG").map(({ rest }) => rest.split("=") as [string, string]),
  );
  const froms = instructions.filter(({ name }) => name === "FROM").map(({ rest }) => rest.split(/\s+as\s+/i));

  it("starts from bases that are pinned by digest, or from our own image of this version", () => {
    expect(froms.length).toBeGreaterThan(0);
    for (const [base = ""] of froms) {
      const image = base.replace(/^\$\{(\w+)\}$/, (whole, name: string) => named.get(name) ?? whole);
      if (image !== OURS) expect(image).toMatch(PINNED);
    }
  });

  it("copies from stages that it has, and from the build context what is there", () => {
    const stages = froms.map(([, stage]) => stage);
    const context = buildContext();
    const copies = instructions.filter(({ name }) => name === "COPY");
    for (const { rest } of copies) {
      const from = /--from=(\S+)/.exec(rest)?.[1];
      if (from !== undefined) expect(stages).toContain(from);
    }
    for (const source of copies.flatMap((one) => copied(one)?.sources ?? []))
      expect(
        context.some((file) => file === source || file.startsWith(`${source}/`)),
        source,
      ).toBe(true);
    expect(instructions.filter(({ name }) => name === "ADD")).toEqual([]);
  });

  it("does not end as root", () => {
    const users = lastStage(instructions).filter(({ name }) => name === "USER");
    expect(users.at(-1)?.rest).toBe("derby");
  });

  it("starts programs without a shell around them, and leaves no package lists behind", () => {
    for (const { rest } of instructions.filter(({ name }) => /^(ENTRYPOINT|CMD)$/.test(name)))
      expect(words(rest).length).toBeGreaterThan(0);
    for (const { rest } of instructions.filter(
      ({ name, rest }) => name === "RUN" && rest.includes("apt-get install"),
    )) {
      expect(rest).toContain("--no-install-recommends");
      expect(rest).toMatch(/rm -rf \/var\/lib\/apt\/lists\/\*$/);
    }
  });
});

describe("tool chains and runners", () => {
  const images = new Map(
    readdirSync(join(ROOT, "runners"), { withFileTypes: true }).flatMap((entry) => {
      const file = join(ROOT, "runners", entry.name, "runner.json");
      if (!entry.isDirectory() || entry.name === "kit") return [];
      const image = (JSON.parse(readFileSync(file, "utf8")) as RunnerFile).image;
      return image === undefined ? [] : [[entry.name, image] as const];
    }),
  );

  it.each(TOOL_CHAINS)("%s sets up exactly the runners that name its image", (path) => {
    const setup = instructionsOf(path).find(({ name, rest }) => name === "RUN" && rest.includes('"setup"'));
    const set = words(setup?.rest ?? "[]").slice(3);
    const naming = [...images].filter(([, image]) => image === builtAs(path)).map(([runner]) => runner);
    expect(set.toSorted()).toEqual(naming.toSorted());
    expect(set.length).toBeGreaterThan(0);
  });

  it("no runner names an image that no file here builds", () => {
    const built = TOOL_CHAINS.map(builtAs);
    expect([...images].filter(([, image]) => !built.includes(image))).toEqual([]);
  });
});

describe("the harness's image on the bare machine", () => {
  const { name: entryName, rest: entryPoint } = instructionsOf(HARNESS).find(({ name }) => name === "ENTRYPOINT") ?? {
    name: "",
    rest: "[]",
  };
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "derby-image-"));
    const context = buildContext();
    for (const { sources } of lastStage(instructionsOf(HARNESS)).flatMap((one) =>
      one.name === "COPY" ? (copied(one) ?? []) : [],
    ))
      for (const source of sources)
        for (const file of context.filter((path) => path === source || path.startsWith(`${source}/`))) {
          mkdirSync(dirname(join(folder, file)), { recursive: true });
          cpSync(join(ROOT, file), join(folder, file));
        }
    // Packages are installed in a stage of their own, from the lock file; here they are those of this clone.
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const command = (args: readonly string[], entry = words(entryPoint)) =>
    start(entry[0] === "node" ? process.execPath : (entry[0] ?? ""), [...entry.slice(1), ...args], {
      cwd: folder,
      env: shellEnvironment(),
    }).ended;

  it("starts by its entry point and default command", async () => {
    expect(entryName).toBe("ENTRYPOINT");
    const byDefault = words(instructionsOf(HARNESS).find(({ name }) => name === "CMD")?.rest ?? "[]");
    const { stdout, code } = await command(byDefault);
    expect(stdout).toContain("Usage: agent-derby");
    expect(code).toBe(0);
  });

  it("plans with the scenarios and runners that were copied", async () => {
    const { stdout, stderr, code } = await command([
      "plan",
      "steady",
      "async",
      "--profile",
      "smoke",
      "--seed",
      "image",
    ]);
    expect(stderr).toBe("");
    expect(stdout).toContain("async");
    expect(code).toBe(0);
  });

  it("understands compose's command as far as the database that only compose starts", async () => {
    const { campaign } = compose.services;
    const entry = (campaign?.entrypoint ?? []).map((word) => word.replace("--out=/results", `--out=${folder}/results`));
    const elsewhere = entry.map((word) => word.replace("@postgres:5432", "@127.0.0.1:1"));
    const { stderr, code } = await command([...(campaign?.command ?? []), "--profile", "smoke"], elsewhere);
    expect(stderr).toContain("No Postgres answers at 127.0.0.1:1");
    expect(code).toBe(2);
  });
});

describe("docker/compose.yml", () => {
  const { campaign, postgres } = compose.services;

  it("names images that are pinned, or built by the file beside it", () => {
    expect(postgres?.image).toMatch(PINNED);
    expect(campaign?.image).toBe(`\${AGENT_DERBY_IMAGE:-${OURS}}`);
    expect(campaign?.build).toEqual({ context: "..", dockerfile: HARNESS });
    expect(builtAs(HARNESS)).toBe(OURS);
  });

  it("limits cores and memory of every service", () => {
    for (const service of Object.values(compose.services)) {
      expect(service.cpuset).toMatch(/^\d+(-\d+)?$/);
      expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    }
  });

  it("waits for a healthy database, and writes results to a volume that it declares", () => {
    expect(campaign?.depends_on).toEqual({ postgres: { condition: "service_healthy" } });
    expect(postgres?.healthcheck).toBeDefined();
    const [volume = "", target] = campaign?.volumes?.[0]?.split(":") ?? [];
    expect(Object.keys(compose.volumes)).toContain(volume);
    expect(campaign?.entrypoint).toContain(`--out=${target}`);
  });
});
