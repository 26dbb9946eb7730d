/** What the completions cost, and which of them were bought again. */
import type { HistoryIndex, Purchase } from "../checkers/history-index.ts";
import { interruptionsOf, repeatsOf } from "../checkers/repeats.ts";
import { round } from "../statistics/round.ts";
import type { Prices } from "../summary.ts";

/** Completions bought again for a step that had been sold before. */
export interface RepeatClass {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly dollars: number;
}
export interface Economy {
  readonly bought: RepeatClass;
  readonly provoked: RepeatClass;
  readonly unavoidable: RepeatClass;
  readonly avoidable: RepeatClass;
  readonly offScriptCalls: number;
}

/** English text in JSON takes about this many bytes per token; the World counts its own output exactly. */
const BYTES_PER_TOKEN = 4;

/** Calls, tokens and dollars of completions. Input tokens are estimated from bytes. */
export function costOf(purchases: readonly Purchase[], prices: Prices): RepeatClass {
  let bytes = 0;
  let outputTokens = 0;
  for (const { ask, said } of purchases) {
    bytes += ask.event.bytes;
    outputTokens += said?.event.tokens ?? 0;
  }
  const inputTokens = Math.round(bytes / BYTES_PER_TOKEN);
  const dollars = round((inputTokens * prices.input + outputTokens * prices.output) / 1e6, 4);
  return { calls: purchases.length, inputTokens, outputTokens, dollars };
}

/** Bought are completions of which a token was written; repeats are among them. */
export function economyOf(index: HistoryIndex, prices: Prices): Economy {
  const interruptions = interruptionsOf(index);
  const bought: Purchase[] = [];
  const repeated = { provoked: [] as Purchase[], unavoidable: [] as Purchase[], avoidable: [] as Purchase[] };
  for (const session of index.sessions)
    for (const turn of session.turns) {
      for (const purchase of turn.purchases) if (purchase.first !== null) bought.push(purchase);
      for (const { purchase, kind } of repeatsOf(turn, interruptions)) repeated[kind].push(purchase);
    }
  return {
    bought: costOf(bought, prices),
    provoked: costOf(repeated.provoked, prices),
    unavoidable: costOf(repeated.unavoidable, prices),
    avoidable: costOf(repeated.avoidable, prices),
    offScriptCalls: index.offScriptCalls,
  };
}
