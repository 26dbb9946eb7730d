import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MemoryHolder } from "./local-tools.ts";
import type { ToolCall } from "./messages.ts";
import { type ScriptedWorld, startWorld } from "./scripted-world.ts";
import { type CrashHooks, crashIfTold, crashOfProcess, runTool, type ToolContext } from "./tools.ts";

let world: ScriptedWorld;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const call = (name: string, args: unknown): ToolCall => {
  return {
    id: "c1",
    type: "function",
    function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
  };
};
const survive: CrashHooks = { throw: () => undefined, detached: () => undefined, unit: () => undefined };
const context = (more: Partial<ToolContext> = {}): ToolContext => {
  return { session: "s1", holder: {}, crash: survive, ...more };
};

describe("runTool, remotely", () => {
  it("posts the arguments byte for byte and returns the body as it is", async () => {
    world.tool = () => [201, '{"saved": "ü"}'];
    const args = '{ "note" : "\\u00fc \u00fc",  "n":1e0 }';
    expect(await runTool(call("save_note", args), context())).toBe('{"saved": "ü"}');
    expect(world.toolRequests).toMatchObject([{ name: "save_note", body: args }]);
    expect(world.toolRequests[0]?.headers["content-type"]).toBe("application/json");
  });

  it("sends a key and a fence only where the runner gives them", async () => {
    await runTool(call("save_note", {}), context());
    await runTool(call("save_note", {}), context({ idempotencyKey: "s1.1.1.0", fence: 7 }));
    const [plain, keyed] = world.toolRequests.map(({ headers }) => headers);
    expect(plain).not.toHaveProperty("idempotency-key");
    expect(plain).not.toHaveProperty("fence");
    expect(keyed).toMatchObject({ "idempotency-key": "s1.1.1.0", fence: "7" });
  });

  it("escapes a name, so that it stays one segment of the path", async () => {
    await runTool(call("../crash?x", {}), context());
    expect(world.toolRequests[0]?.name).toBe("../crash?x");
  });

  const ERRORS: readonly (readonly [string, () => void, ToolCall, RegExp])[] = [
    ["404, an unknown tool", () => answer(404), call("nothing", {}), /404/],
    ["500", () => answer(500), call("save_note", {}), /500/],
    ["a tool that hangs", () => hang(), call("save_note", {}), /timeout/i],
    ["a refused connection", () => leave(), call("save_note", {}), /fetch failed/],
  ];
  const answer = (code: number): void => {
    world.tool = () => [code, "sorry"];
  };
  const hang = (): void => {
    world.tool = () => new Promise(() => undefined);
  };
  const leave = (): void => {
    process.env.TOOLS_URL = "http://127.0.0.1:1/tools";
  };
  for (const [what, arrange, asked, reason] of ERRORS) {
    it(`tells the model of ${what}, and does not try again`, async () => {
      arrange();
      const { error } = JSON.parse(await runTool(asked, context({ timeoutMs: 50 })));
      expect(error).toMatch(reason);
      expect(world.toolRequests.length).toBeLessThanOrEqual(1);
    });
  }

  for (const malformed of ["", "{", "[]", "null", '"text"']) {
    it(`tells the model that the arguments ${JSON.stringify(malformed)} are malformed, without asking the tool`, async () => {
      expect(JSON.parse(await runTool(call("save_note", malformed), context()))).toHaveProperty("error");
      expect(world.toolRequests).toEqual([]);
    });
  }
});

describe("runTool, locally", () => {
  const SENSELESS: readonly (readonly [string, unknown])[] = [
    ["burn_cpu", { seed: 1 }],
    ["burn_cpu", { seed: -1, rounds: 1 }],
    ["burn_cpu", { seed: "1", rounds: 1 }],
    ["search_memory", { seed: 1, vectors: 0, dimensions: 1, top: 1 }],
    ["parse_document", {}],
    ["parse_document", { document: 5 }],
    ["sleep", { ms: -1 }],
    ["sleep", { ms: 2 ** 31 }],
    ["spawn_agents", { children: [] }],
  ];
  for (const [name, args] of SENSELESS) {
    it(`tells the model what is wrong with ${name} ${JSON.stringify(args)}`, async () => {
      expect(JSON.parse(await runTool(call(name, args), context()))).toHaveProperty("error");
      expect(world.toolRequests).toEqual([]);
    });
  }

  it("holds memory beside the session, instead of what was held before", async () => {
    const holder: MemoryHolder = {};
    await runTool(call("hold_memory", { seed: 1, bytes: 640 }), context({ holder }));
    const first = holder.held?.objects;
    expect(await runTool(call("hold_memory", { seed: 2, bytes: 128 }), context({ holder }))).toBe("held_2");
    expect(holder.held).toMatchObject({ seed: 2, bytes: 128 });
    expect(holder.held?.objects).toHaveLength(2);
    expect(holder.held?.objects).not.toBe(first);
    const [one, two] = holder.held?.objects ?? [];
    expect(two?.number).toBe(((one?.number ?? 0) + 1) % 2 ** 32);
    expect(two?.text).toBe(String(two?.number));
  });

  it("sleeps on a timer", async () => {
    expect(await runTool(call("sleep", { ms: 1 }), context())).toBe("slept");
  });

  it("joins children and digests their outputs in order", async () => {
    const spawn = vi.fn(async () => ["a", "b"]);
    const children = [
      { session: "k1", input: "x" },
      { session: "k2", input: "y" },
    ];
    // FNV-1a-32 of "a\nb".
    expect(await runTool(call("spawn_agents", { children }), context({ spawn }))).toBe("joined_2_28e4c710");
    expect(spawn).toHaveBeenCalledWith(children);
  });
});

describe("crash", () => {
  const told = (die: unknown): void => {
    world.tool = () => [200, JSON.stringify({ die })];
  };
  const args = '{"how":"throw", "when":"now"}';

  it("asks for leave with the arguments byte for byte, and is spared where it has none", async () => {
    told(false);
    expect(await runTool(call("crash", args), context({ crash: crashOfProcess }))).toBe("spared");
    expect(world.toolRequests).toMatchObject([{ name: "crash", body: args }]);
  });

  for (const die of ["throw", "detached", "unit"] as const) {
    it(`dies by ${die} where it is told so, whatever the arguments say`, async () => {
      told(die);
      const hook = vi.fn(() => {
        throw new Error("dead");
      });
      await expect(runTool(call("crash", args), context({ crash: { ...survive, [die]: hook } }))).rejects.toThrow(
        "dead",
      );
      expect(hook).toHaveBeenCalledOnce();
    });
  }

  it("goes on where it survived", async () => {
    told("detached");
    expect(await runTool(call("crash", args), context())).toBe("spared");
  });

  it("tells the model where leave cannot be asked for", async () => {
    world.tool = () => [500, "no"];
    expect(JSON.parse(await runTool(call("crash", args), context({ crash: crashOfProcess })))).toHaveProperty("error");
  });

  it("is put off until the session is loaded, and asked for then", async () => {
    told("throw");
    const later = '{"how":"throw","when":"load"}';
    let stored = "";
    const crashOnLoad = (text: string): void => {
      stored = text;
    };
    expect(await runTool(call("crash", later), context({ crash: crashOfProcess, crashOnLoad }))).toBe("spared");
    expect(world.toolRequests).toEqual([]);
    await expect(crashIfTold(stored, crashOfProcess)).rejects.toThrow("as the script told");
    expect(world.toolRequests).toMatchObject([{ name: "crash", body: later }]);
  });
});
