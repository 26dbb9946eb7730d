/** Calls of tools that are the runtime's own. */
import { describe, expect, it } from "vitest";
import { findMarker } from "../identity.ts";
import { OFFERED } from "../scenario.ts";
import { fillOffered, offeredTools } from "./offered-tools.ts";
import type { ResolvedCall } from "./script.ts";
import { ask, askWith, callThenAnswer, eventsOf, input, resultsFor, testWorld } from "./testing/test-world.ts";

const CALL: ResolvedCall = { tool: OFFERED, local: true, arguments: {}, takesMs: 0, effect: null };

/** Arguments for one tool, of many purchases. */
function filled(parameters: unknown, times = 50): Record<string, unknown>[] {
  return Array.from({ length: times }, (_, index) => {
    const sale = { seed: 1, session: "s1", turn: 1, step: 1, purchase: index + 1 };
    const written = [{ id: "D_s1_1_1_0_1_x", name: OFFERED, arguments: "{}" }];
    const [call] = fillOffered(sale, [CALL], written, [{ name: "own", parameters }]);
    return JSON.parse(call?.arguments ?? "") as Record<string, unknown>;
  });
}

const object = (properties: Record<string, unknown>, more: object = {}): unknown => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

describe("arguments from a JSON Schema", () => {
  it("keep to enumerations, constants and types", () => {
    for (const one of filled(
      object({
        unit: { enum: ["C", "F"] },
        kind: { const: "daily" },
        wet: { type: "boolean" },
        none: { type: "null" },
      }),
    )) {
      expect(["C", "F"]).toContain(one.unit);
      expect(one).toMatchObject({ kind: "daily", none: null });
      expect(typeof one.wet).toBe("boolean");
    }
  });

  it("keep to the bounds of numbers", () => {
    const values = filled(
      object({
        days: { type: "integer", minimum: 1, maximum: 3 },
        open: { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 3 },
        by: { type: "number", minimum: 10, multipleOf: 2.5 },
        below: { type: "integer", maximum: -5 },
      }),
    );
    for (const { days, open, by, below } of values as Record<string, number>[]) {
      expect([1, 2, 3]).toContain(days);
      expect([1, 2]).toContain(open);
      expect(by).toBeGreaterThanOrEqual(10);
      expect(((by ?? 0) / 2.5) % 1).toBe(0);
      expect(below).toBeLessThanOrEqual(-5);
    }
    expect(new Set(values.map(({ days }) => days)).size).toBe(3);
  });

  it("keep to the lengths of texts and lists, and to common formats", () => {
    for (const one of filled(
      object({
        code: { type: "string", minLength: 3, maxLength: 3 },
        on: { type: "string", format: "date" },
        who: { type: "string", format: "email" },
        tags: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 3 },
      }),
    )) {
      expect(String(one.code)).toHaveLength(3);
      expect(one.on).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(one.who).toMatch(/^\w+@example\.com$/);
      expect([2, 3]).toContain((one.tags as unknown[]).length);
    }
  });

  it("follow references, alternatives and parts, and leave out nothing that is required", () => {
    const place = object({ city: { type: "string" } });
    const schema = object(
      {
        place: { $ref: "#/$defs/place" },
        when: { anyOf: [{ type: "null" }, { enum: ["now"] }] },
        both: { allOf: [object({ a: { const: 1 } }), object({ b: { const: 2 } })] },
      },
      { $defs: { place } },
    );
    for (const one of filled(schema)) {
      expect(typeof (one.place as Record<string, unknown>).city).toBe("string");
      expect(one).toMatchObject({ when: "now", both: { a: 1, b: 2 } });
    }
  });

  it("end where a schema holds itself, and where there is none", () => {
    const tree = {
      $ref: "#/$defs/node",
      $defs: { node: { type: "object", properties: { left: { $ref: "#/$defs/node" } } } },
    };
    expect(filled(tree)).toHaveLength(50);
    const endless = { $ref: "#/$defs/loop", $defs: { loop: { $ref: "#/$defs/loop" } } };
    expect(filled(endless, 1)).toHaveLength(1);
    expect(filled(undefined, 1)).toEqual([{}]);
  });

  it("hold the mark of the call in their first free text", () => {
    const [one] = filled(object({ code: { type: "string", maxLength: 5 }, note: { type: "string" } }), 1);
    expect(one?.note).toContain("D_s1_1_1_0_1_x");
  });
});

describe("a step that calls one of the offered tools", () => {
  const TOOLS = [
    { type: "function", function: { name: "weather", parameters: object({ city: { type: "string" } }) } },
    { type: "function", function: { name: "clock", parameters: { type: "object", properties: {} } } },
  ];

  it("picks among them anew for each purchase, and goes on from their results", async () => {
    const world = await testWorld(callThenAnswer(OFFERED));
    const asked = { tools: TOOLS };
    const named = new Set<string>();
    for (let n = 0; n < 12; n++) {
      const { message } = await askWith(world, asked, input("s1", 1));
      named.add(message.tool_calls?.[0]?.function.name ?? "none");
    }
    expect([...named].sort()).toEqual(["clock", "weather"]);
    const { message } = await askWith(world, asked, input("s1", 1));
    const last = await askWith(world, asked, input("s1", 1), message, ...resultsFor(message));
    expect(findMarker(String(last.message.content))).toMatchObject({ step: 2 });
    expect(eventsOf(world, "ask").at(-1)).toMatchObject({ k: 2 });
  });

  it("is refused in so many words where the request offers none", async () => {
    const world = await testWorld(callThenAnswer(OFFERED));
    const { status, error } = await ask(world, input("s1", 1));
    expect(status).toBe(400);
    expect(error?.message).toContain('call: "offered"');
  });
});

it("reads the tools of a request, and none from what is no function", () => {
  const body = Buffer.from(
    JSON.stringify({ messages: [], tools: [{ type: "web_search" }, { function: { name: "a" } }] }),
  );
  expect(offeredTools(body)).toEqual([{ name: "a", parameters: {} }]);
});
