/**
 * Calls of tools that the script does not know (`call: "offered"`): the model picks one of those that the request offers and fills its
 * arguments from the JSON Schema given for it, by seed. For agents with tools of their own; what such a tool does is seen by nobody here.
 *
 * Of JSON Schema (draft 2020-12) what tool definitions use: type, enum, const, properties, required, items, the bounds of numbers, texts and
 * lists, the common formats, anyOf, oneOf, allOf and local $ref. Other keywords (pattern, not, if) are not looked at.
 */
import { type Random, randomOf } from "../random.ts";
import { OFFERED } from "../scenario.ts";
import type { ResolvedCall } from "./script.ts";
import type { Sale, WrittenCall } from "./wording.ts";

/** A tool as a request defines it. */
export interface OfferedTool {
  readonly name: string;
  readonly parameters: unknown;
}

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const numberOr = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);

/** Function tools of a chat request, in their order. @param body JSON that was found to be a chat request */
export function offeredTools(body: Buffer): OfferedTool[] {
  const { tools } = JSON.parse(body.toString("utf8")) as { readonly tools?: unknown };
  return listOf(tools).flatMap((tool) => {
    const given = isObject(tool) && isObject(tool.function) ? tool.function : undefined;
    return typeof given?.name === "string" ? [{ name: given.name, parameters: given.parameters ?? {} }] : [];
  });
}

const isOffered = ({ tool }: ResolvedCall): boolean => tool === OFFERED;

/** Whether a step can only be played where the request offers tools. */
export const wantsOffered = (calls: readonly ResolvedCall[]): boolean => calls.some(isOffered);

/** Puts an offered tool in the place of each call that asks for one. @param offered at least one where any does */
export function fillOffered(
  sale: Sale,
  calls: readonly ResolvedCall[],
  written: readonly WrittenCall[],
  offered: readonly OfferedTool[],
): WrittenCall[] {
  return written.map((call, index) => {
    const scripted = calls[index];
    if (scripted === undefined || !isOffered(scripted)) return call;
    const random = randomOf(sale.seed, sale.session, sale.turn, sale.step, OFFERED, index, sale.purchase);
    const tool = offered[Math.floor(random() * offered.length)];
    if (tool === undefined) return call;
    const filled = new Filling(tool.parameters, random, call.id).whole();
    return { ...call, name: tool.name, arguments: JSON.stringify(isObject(filled) ? filled : {}) };
  });
}

/** Deeper than this only what has to be there is filled, and no list gets more items than it must. */
const DEPTH_MOST = 4;
const DEPTH_END = 16;
const WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron"] as const;
/** 2000-01-01, and the seconds of forty years. */
const FROM_MS = 946_684_800_000;
const SPAN_S = 1_262_304_000;

/** One set of arguments. */
class Filling {
  readonly #root: unknown;
  readonly #random: Random;
  /** Goes into the first text that has room for it: gateways that rewrite ids keep what arguments say. */
  #mark: string | null;

  constructor(root: unknown, random: Random, mark: string) {
    this.#root = root;
    this.#random = random;
    this.#mark = mark;
  }

  whole(): unknown {
    return this.#value(this.#root, 0);
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #value(given: unknown, depth: number): unknown {
    if (!isObject(given) || depth > DEPTH_END) return null;
    const schema = this.#merged(given, depth);
    if ("const" in schema) return schema.const;
    const options = listOf(schema.enum);
    if (options.length > 0) return options[this.#below(options.length)];
    switch (this.#typeOf(schema)) {
      case "object":
        return this.#object(schema, depth);
      case "array":
        return this.#array(schema, depth);
      case "string":
        return this.#text(schema);
      case "integer":
        return this.#number(schema, numberOr(schema.multipleOf, 1), 1);
      case "number":
        return this.#number(schema, numberOr(schema.multipleOf, 0.5), 0);
      case "boolean":
        return this.#random() < 0.5;
      default:
        return null;
    }
  }

  #typeOf({ type, properties, items }: Schema): unknown {
    // Of several types the first that is not null: who allows nothing mostly means something.
    if (Array.isArray(type)) return type.find((one) => one !== "null") ?? "null";
    return type ?? (properties !== undefined ? "object" : items !== undefined ? "array" : "string");
  }

  /** The schema with its reference followed, one of its alternatives chosen, and its parts in one. */
  #merged(schema: Schema, depth: number): Schema {
    if (depth > DEPTH_END) return {};
    const { $ref, anyOf, oneOf, allOf, ...rest } = schema;
    const alternatives = [...listOf(anyOf), ...listOf(oneOf)].filter((one) => !isObject(one) || one.type !== "null");
    const parts = [
      ...(typeof $ref === "string" ? [this.#at($ref)] : []),
      ...(alternatives.length > 0 ? [alternatives[this.#below(alternatives.length)]] : []),
      ...listOf(allOf),
    ].filter(isObject);
    if (parts.length === 0) return rest;
    const all: Schema[] = [rest, ...parts.map((part) => this.#merged(part, depth + 1))];
    const members = all.map(({ properties }) => properties).filter(isObject);
    return {
      ...Object.assign({}, ...all),
      ...(members.length > 0 && { properties: Object.assign({}, ...members) }),
      required: all.flatMap(({ required }) => listOf(required)),
    };
  }

  /** What a reference into the same document names ("#/$defs/Place"); anything else is a schema that says nothing. */
  #at(reference: string): unknown {
    const steps = reference
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    return steps.reduce<unknown>((found, step) => (isObject(found) ? found[step] : undefined), this.#root) ?? {};
  }

  #object({ properties, required }: Schema, depth: number): unknown {
    const needed = listOf(required);
    const wanted = Object.entries(isObject(properties) ? properties : {}).filter(
      ([name]) => needed.includes(name) || (depth < DEPTH_MOST && this.#random() < 0.5),
    );
    return Object.fromEntries(wanted.map(([name, schema]) => [name, this.#value(schema, depth + 1)]));
  }

  #array({ items, prefixItems, minItems, maxItems }: Schema, depth: number): unknown[] {
    const least = numberOr(minItems, 0);
    const most = Math.min(numberOr(maxItems, least + 2), least + (depth < DEPTH_MOST ? 2 : 0));
    const length = least + this.#below(Math.max(0, most - least) + 1);
    return Array.from({ length }, (_, index) => this.#value(listOf(prefixItems)[index] ?? items ?? {}, depth + 1));
  }

  /** A multiple of `step` within the bounds; up to a hundred steps from the lower one where there is no upper one. */
  #number(schema: Schema, step: number, whole: 0 | 1): number {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
    const size = step > 0 ? step : whole === 1 ? 1 : 0.5;
    const upper = Math.min(numberOr(maximum, Infinity), numberOr(exclusiveMaximum, Infinity));
    const lower = Math.max(numberOr(minimum, -Infinity), numberOr(exclusiveMinimum, -Infinity));
    const from = Number.isFinite(lower) ? lower : Number.isFinite(upper) ? upper - 100 * size : 0;
    let first = Math.ceil(from / size - 1e-9);
    if (first * size === exclusiveMinimum) first += 1;
    let last = Number.isFinite(upper) ? Math.floor(upper / size + 1e-9) : first + 100;
    if (last * size === exclusiveMaximum) last -= 1;
    // No multiple lies between bounds that are closer than a step: the lower one then is as near as one comes.
    if (last < first) return from;
    const value = (first + this.#below(last - first + 1)) * size;
    return Number(value.toPrecision(12));
  }

  #text({ format, minLength, maxLength }: Schema): string {
    const known = this.#formatted(format);
    if (known !== null) return known;
    const [least, most] = [numberOr(minLength, 0), numberOr(maxLength, Number.POSITIVE_INFINITY)];
    const words = [WORDS[this.#below(WORDS.length)], WORDS[this.#below(WORDS.length)]].join(" ");
    const marked = this.#mark === null ? words : `${words} ${this.#mark}`;
    const text = marked.length <= most ? marked : words;
    if (text !== words) this.#mark = null;
    return text.padEnd(least, " and so on").slice(0, most);
  }

  #formatted(format: unknown): string | null {
    const at = (): string => new Date(FROM_MS + this.#below(SPAN_S) * 1000).toISOString();
    const hex = (digits: number): string => Array.from({ length: digits }, () => this.#below(16).toString(16)).join("");
    switch (format) {
      case "date-time":
        return at();
      case "date":
        return at().slice(0, 10);
      case "time":
        return at().slice(11);
      case "email":
        return `${WORDS[this.#below(WORDS.length)]}@example.com`;
      case "uri":
        return `https://example.com/${WORDS[this.#below(WORDS.length)]}`;
      case "uuid":
        return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
      default:
        return null;
    }
  }
}
