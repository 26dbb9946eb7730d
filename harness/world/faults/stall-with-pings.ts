import { CURED, LANDS, modelFault, type Piece, type SoundStream, tokensSetting } from "./fault.ts";

const PING = ": ping\n\n";

interface Stall {
  readonly tokens: number;
  readonly everyMs: number;
  readonly forMs: number | undefined;
}

function* stalled({ frames, closing, firstTokenMs, gapMs }: SoundStream, stall: Stall): Generator<Piece> {
  const { tokens, everyMs, forMs = Number.POSITIVE_INFINITY } = stall;
  const before = Math.min(tokens, frames.length);
  for (let index = 0; index < before; index++)
    yield { afterMs: index === 0 ? firstTokenMs : gapMs, text: frames[index] ?? "", tokens: 1 };
  let leftMs = forMs + (before === 0 ? firstTokenMs : gapMs);
  for (; leftMs > everyMs; leftMs -= everyMs) yield { afterMs: everyMs, text: PING, tokens: 0, odd: true };
  for (let index = before; index < frames.length; index++)
    yield { afterMs: index === before ? leftMs : gapMs, text: frames[index] ?? "", tokens: 1 };
  yield { afterMs: before === frames.length ? leftMs : 0, text: closing, tokens: 0 };
}

/** A client that counts bytes is kept happy by this for ever; one that counts tokens is not. */
export const stallWithPings = modelFault({
  what: "The stream stalls after some tokens while comment lines (`: ping`) keep coming, until the client leaves or for a time.",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: {
    tokens: tokensSetting(1),
    everyMs: { type: "number", low: 10, high: 60_000, otherwise: 1_000, about: "from ping to ping" },
    forMs: { type: "number", low: 1, high: 3_600_000, about: "then the stream goes on to its end; without it never" },
  },
  act: (stall) => ({ does: "distort", pieces: (stream) => stalled(stream, stall) }),
});
