import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  findLinks,
  findMarker,
  fingerprint,
  MARKER_MAX_BYTES,
  markerAtStart,
  writeLink,
  writeMarker,
} from "./identity.ts";

const session = fc.stringMatching(/^[0-9a-z]{1,16}$/);
const marker = fc.record({
  session,
  turn: fc.integer({ min: 1, max: 1_600_000 }),
  step: fc.integer({ min: 0, max: 46_000 }),
  call: fc.integer({ min: 0, max: 1_295 }),
  purchase: fc.integer({ min: 0, max: 1_600_000 }),
});

describe("a marker", () => {
  it("is read back as written, alone, inside a text and behind JSON escapes of any depth", () => {
    fc.assert(
      fc.property(marker, fc.string(), (value, around) => {
        const text = writeMarker(value);
        expect(text.length).toBeLessThanOrEqual(MARKER_MAX_BYTES);
        expect(findMarker(text)).toEqual(value);
        const wrapped = JSON.stringify({ a: JSON.stringify(`${around.replaceAll("D_", "")}"${text}"\n`) });
        expect(findMarker(wrapped)).toEqual(value);
      }),
    );
  });

  it("with a wrong check digit is none", () => {
    const good = writeMarker({ session: "s1", turn: 1, step: 0, call: 0, purchase: 0 });
    const bad = `${good.slice(0, -1)}${good.endsWith("0") ? "1" : "0"}`;
    expect(findMarker(bad)).toBeUndefined();
  });

  it("begins an input only where nothing but white space stands before it", () => {
    const text = writeMarker({ session: "s1", turn: 2, step: 0, call: 0, purchase: 0 });
    expect(markerAtStart(` \n${text} please`)?.turn).toBe(2);
    expect(markerAtStart(`Summarise: ${text}`)).toBeUndefined();
  });
});

describe("links", () => {
  it("are found in the order in which a request carries them, repeats included, and only the genuine ones of the session", () => {
    const text = [
      "L_s1_2_0000000",
      writeLink(7, "s1", 1),
      writeLink(7, "s1", 3),
      writeLink(7, "s2", 2),
      writeLink(7, "s1", 3),
    ];
    expect(findLinks(7, "s1", Buffer.from(JSON.stringify(text)))).toEqual([1, 3, 3]);
  });

  it("cannot be told from those of another seed by their shape, but are not taken for genuine", () => {
    expect(findLinks(8, "s1", Buffer.from(writeLink(7, "s1", 1)))).toEqual([]);
  });
});

describe("a fingerprint", () => {
  it("differs for texts that differ in one character", () => {
    expect(fingerprint("one answer")).not.toBe(fingerprint("one answes"));
    expect(fingerprint("")).toBe(fingerprint(""));
  });
});
