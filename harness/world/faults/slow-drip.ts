import { CURED, LANDS, modelFault, type Piece, type SoundStream } from "./fault.ts";

interface Drip {
  readonly factor: number;
  readonly maxGapMs: number;
  readonly bytes: number | undefined;
}

/** One event, whole or in parts that share its time evenly. */
function* drops(text: string, overMs: number, tokens: number, bytes: number): Generator<Piece> {
  const parts = Math.max(1, Math.ceil(text.length / bytes));
  for (let part = 0; part < parts; part++) {
    const complete = part === parts - 1 ? tokens : 0;
    const drop = text.slice(part * bytes, (part + 1) * bytes);
    yield { afterMs: overMs / parts, text: drop, tokens: complete, odd: true };
  }
}

function* dripping({ frames, closing, firstTokenMs, gapMs }: SoundStream, drip: Drip): Generator<Piece> {
  const { factor, maxGapMs, bytes = Number.POSITIVE_INFINITY } = drip;
  let nextMs = gapMs;
  for (const [index, frame] of frames.entries()) {
    if (index === 0) yield { afterMs: firstTokenMs, text: frame, tokens: 1 };
    else {
      nextMs = Math.min(maxGapMs, nextMs * factor);
      yield* drops(frame, nextMs, 1, bytes);
    }
  }
  yield* drops(closing, bytes === Number.POSITIVE_INFINITY ? 0 : nextMs, 0, bytes);
}

export const slowDrip = modelFault({
  what: "Tokens come ever slower, each gap a multiple of the one before, or in pieces of so many bytes; the answer is whole.",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: {
    factor: { type: "number", low: 1, high: 100, otherwise: 1.5, about: "each gap in units of the one before" },
    maxGapMs: { type: "number", low: 1, high: 600_000, otherwise: 5_000, about: "no gap is longer" },
    bytes: { type: "number", low: 1, high: 1_000, about: "an event comes in pieces of this size; without it whole" },
  },
  act: (drip) => ({ does: "distort", pieces: (stream) => dripping(stream, drip) }),
});
