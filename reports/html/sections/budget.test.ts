import { expect, test } from "vitest";
import { summaryWithBudgets } from "../../fixture-budgets.ts";
import { fixtureSummary } from "../../fixture-summary.ts";
import { renderHtml } from "../render.ts";

const html = renderHtml(summaryWithBudgets());
const [section = ""] = /<h3 id="budget\.strike">[\s\S]*?<h3/.exec(html) ?? [];

test("the parts of a turn are added up beside what was measured", () => {
  expect(section).toContain("<td>5.00</td><td>6.00</td><td>0.83 ×</td>");
  expect(section).toContain("a model request, to the head of its answer and its end (2.40 ms)");
  expect(section).toContain("<td>60.00</td><td>0.0200</td><td>1.20</td>");
});

test("the least overhead stands beside the median, with the commit of who keeps turns", () => {
  expect(section).toContain(`<td>4.0</td><td class="starts">0.80</td><td>1.50</td><td>2.30</td>`);
  expect(section).toContain(`<td>4.0</td><td class="starts">0.80</td><td class="quiet">–</td><td>0.80</td>`);
});

test("who does not say what a turn is made of is named, and how far the sums can be trusted is told", () => {
  expect(section).toMatch(/No sum for memo/);
  expect(section).toContain("How far these sums can be trusted");
  expect(section).toContain("<td>1.05 ×</td>");
});

test("a summary without measured parts has no such part", () => {
  expect(renderHtml(fixtureSummary())).not.toContain("Budget of a turn");
});
