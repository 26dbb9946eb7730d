/**
 * Public arguments on trial: each in the words in which people say it, with what was measured for it and against it. Promises: those that
 * nobody here could test are named too, folded. Leaves to others: every verdict (`harness/claims.ts`).
 */
import type { ClaimFinding, ClaimSummary } from "../../../harness/claims.ts";
import type { Summary } from "../../../harness/summary.ts";
import { counted, listed } from "../../format.ts";
import { everyTrial } from "../../readings.ts";
import { testedClaims } from "../../tested-claims.ts";
import { anchor, type Content, folded, type Markup, markup } from "../markup.ts";
import { claimAnchor, verdictsAnchor } from "../places.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";

const WORDS: Readonly<Record<ClaimSummary["verdict"], Markup>> = {
  supported: markup`<span class="kept">supported</span>`,
  refuted: markup`<span class="notable">refuted</span>`,
  inconclusive: markup`<span class="quiet">inconclusive</span>`,
  "not tested": markup`<span class="quiet">not tested</span>`,
};

function source({ who, source: from }: ClaimSummary): Markup {
  const where = /^https:\/\//i.test(from)
    ? markup`<a href="${from}" rel="noopener noreferrer">source</a>`
    : markup`${from}`;
  return markup`<span class="aside">${who} (${where})</span>`;
}

function holdsCell(holds: boolean | null): Cell {
  if (holds === null) return { content: "undecided", tone: "quiet" };
  return holds ? markup`<span class="kept">holds</span>` : { content: "fails", tone: "notable" };
}

function findings(summary: Summary, claim: ClaimSummary): Markup {
  const known = new Set(everyTrial(summary).map(({ trial }) => trial.id));
  const links = ({ trials }: ClaimFinding): Content =>
    trials.map((id, index) => [
      index === 0 ? "" : ", ",
      known.has(id) ? markup`<a href="#${verdictsAnchor(id)}">${id}</a>` : id,
    ]);
  return table({
    caption: "It stands if every test holds in every valid block.",
    columns: ["runner", "scenario", "test", "found", "", "trials"].map((head) => ({ head, align: "text" })),
    rows: claim.findings.map((finding) => ({
      cells: [
        runnerName(summary, finding.runner),
        markup`<a href="#${anchor("scenario", finding.scenario)}">${finding.scenario}</a>`,
        finding.asks,
        finding.found,
        holdsCell(finding.holds),
        links(finding),
      ],
    })),
  });
}

function claimItem(summary: Summary, claim: ClaimSummary): Markup {
  const rests = claim.findings.length === 0 ? null : folded("What this rests on", findings(summary, claim));
  return markup`<li id="${claimAnchor(claim.id)}"><b>${WORDS[claim.verdict]}</b>: “${claim.says}” ${source(claim)}${rests}</li>`;
}

/** Null where the summary knows of no claims. */
export function claimsSection(summary: Summary): Markup | null {
  const { claims = [] } = summary;
  if (claims.length === 0) return null;
  const tested = testedClaims(summary);
  const rest = claims.filter(({ verdict }) => verdict === "not tested");
  const tally = (["supported", "refuted", "inconclusive", "not tested"] as const).flatMap((verdict) => {
    const n = claims.filter((claim) => claim.verdict === verdict).length;
    return n === 0 ? [] : [`${n} ${verdict}`];
  });
  const untested =
    rest.length === 0
      ? null
      : folded(
          `${counted(rest.length, "claim")} that this campaign did not test`,
          markup`<ul class="claims">${rest.map((claim) => claimItem(summary, claim))}</ul>`,
        );
  return markup`<section id="claims"><h2>Claims on trial</h2><p>What people say of runtimes, held against the figures of this campaign: ${listed(tally)}. A verdict is about the runners named and their loads here, not about every program that could be written.</p><ul class="claims">${tested.map((claim) => claimItem(summary, claim))}</ul>${untested}</section>`;
}
