/// <reference lib="dom" />
import { expect, test } from "vitest";
import { flamePage } from "./flame-page.ts";
import { foldedStacks } from "./stacks.ts";

const stacks = foldedStacks("main;serve;parse 6\nmain;serve 1\nmain;</script><b>evil 3");

test("the page names what it shows, lists what was heaviest in itself, and fetches nothing", () => {
  const page = flamePage({ title: "one & only", unit: "samples", stacks });
  expect(page).toContain("<h1>one &#38; only</h1>");
  expect(page).toContain("<tr><td>6</td><td>60.0 %</td><td>parse</td></tr>");
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/\b(src|href)=/);
});

test("no frame's name becomes markup", () => {
  const page = flamePage({ title: "t", unit: "samples", stacks });
  expect(page).not.toContain("<b>");
  expect(page.match(/<\/script>/g)).toHaveLength(2);
});
