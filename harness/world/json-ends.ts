/**
 * Reads a JSON object at its two ends without parsing what lies between: a conversation of 200 kB costs what its last
 * messages cost.
 *
 * Backwards, a quote ends or begins a string exactly if an even number of backslashes stands before it, since backslashes
 * occur inside strings only. So the structure can be followed from the last byte. Nothing is validated beyond what is
 * looked at: callers parse the pieces they take, and whatever does not fit throws `JsonEndsError`.
 */

/** The bytes are no JSON, or end in the middle. */
export class JsonEndsError extends Error {}

/** A piece of the body: its first byte, and its last one. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A member of an object: its key, and where its value is. */
export interface Member extends Span {
  readonly key: string;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isOpen = (byte: number | undefined): boolean => byte === OPEN_BRACE || byte === OPEN_BRACKET;
const isClose = (byte: number | undefined): boolean => byte === CLOSE_BRACE || byte === CLOSE_BRACKET;

function fail(at: number): never {
  throw new JsonEndsError(`not JSON near byte ${at}`);
}

/** The first byte at or before `at` that is no white space. */
export function skipSpaceBack(body: Buffer, at: number): number {
  let i = at;
  while (i >= 0 && isSpace(body[i])) i--;
  return i < 0 ? fail(0) : i;
}

function skipSpace(body: Buffer, at: number): number {
  let i = at;
  while (i < body.length && isSpace(body[i])) i++;
  return i >= body.length ? fail(i) : i;
}

/** The opening quote of the string whose closing quote is at `close`. */
function openingQuote(body: Buffer, close: number): number {
  for (let i = close - 1; i >= 0; i--) {
    if (body[i] !== QUOTE) continue;
    let slash = i;
    while (body[slash - 1] === BACKSLASH) slash--;
    if ((i - slash) % 2 === 0) return i;
    i = slash;
  }
  return fail(0);
}

function closingQuote(body: Buffer, open: number): number {
  for (let i = open + 1; i < body.length; i++) {
    if (body[i] === BACKSLASH) i++;
    else if (body[i] === QUOTE) return i;
  }
  return fail(body.length);
}

/** The first byte of the value whose last byte is at `to`. */
function valueStart(body: Buffer, to: number): number {
  if (body[to] === QUOTE) return openingQuote(body, to);
  let depth = 0;
  for (let i = to; i >= 0; i--) {
    const byte = body[i];
    if (byte === QUOTE) i = openingQuote(body, i);
    else if (isClose(byte)) depth++;
    else if (isOpen(byte)) {
      if (depth === 0) return i + 1;
      if (--depth === 0) return i;
    } else if (depth === 0 && (byte === COMMA || byte === COLON || isSpace(byte))) return i + 1;
  }
  return fail(0);
}

/** The last byte of the value whose first byte is at `from`. */
function valueEnd(body: Buffer, from: number): number {
  if (body[from] === QUOTE) return closingQuote(body, from);
  let depth = 0;
  for (let i = from; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) i = closingQuote(body, i);
    else if (isOpen(byte)) depth++;
    else if (isClose(byte)) {
      if (depth === 0) return i - 1;
      if (--depth === 0) return i;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) return i - 1;
  }
  return fail(body.length);
}

/**
 * Elements of the array that ends at `close`, the last one first.
 * @param close index of the closing bracket
 */
export function* elementsFromEnd(body: Buffer, close: number): Generator<Span> {
  let to = skipSpaceBack(body, close - 1);
  if (body[to] === OPEN_BRACKET) return;
  for (;;) {
    const from = valueStart(body, to);
    yield { from, to };
    const before = skipSpaceBack(body, from - 1);
    if (body[before] === OPEN_BRACKET) return;
    if (body[before] !== COMMA) fail(before);
    to = skipSpaceBack(body, before - 1);
  }
}

/** The last byte of the next value before `comma`, and the way to its key; used to walk an object from its end. */
export interface LastValue {
  readonly to: number;
  /** Finds where the value begins, which costs its length, and its key. */
  member(): Member;
}

/**
 * Values of the object that ends at `close`, the last one first. Where a value begins is found only if asked for, and must
 * be asked for to go on.
 */
export function* valuesFromEnd(body: Buffer, close: number): Generator<LastValue> {
  let to = skipSpaceBack(body, close - 1);
  if (body[to] === OPEN_BRACE) return;
  for (;;) {
    const last = to;
    let begins = -1;
    const member = (): Member => {
      const from = valueStart(body, last);
      const colon = skipSpaceBack(body, from - 1);
      if (body[colon] !== COLON) fail(colon);
      const closing = skipSpaceBack(body, colon - 1);
      if (body[closing] !== QUOTE) fail(closing);
      begins = openingQuote(body, closing);
      return { key: parseSpan(body, { from: begins, to: closing }) as string, from, to: last };
    };
    yield { to, member };
    if (begins === -1) member();
    const before = skipSpaceBack(body, begins - 1);
    if (body[before] === OPEN_BRACE) return;
    if (body[before] !== COMMA) fail(before);
    to = skipSpaceBack(body, before - 1);
  }
}

/**
 * Members of the object that begins at byte 0 (white space allowed), the first one first, up to the member `last`, whose
 * value is not walked through: its span is the first byte only.
 */
export function* membersUpTo(body: Buffer, last: string): Generator<Member> {
  let at = skipSpace(body, 0);
  if (body[at] !== OPEN_BRACE) fail(at);
  at = skipSpace(body, at + 1);
  if (body[at] === CLOSE_BRACE) return;
  for (;;) {
    if (body[at] !== QUOTE) fail(at);
    const closing = closingQuote(body, at);
    const key = parseSpan(body, { from: at, to: closing }) as string;
    const colon = skipSpace(body, closing + 1);
    if (body[colon] !== COLON) fail(colon);
    const from = skipSpace(body, colon + 1);
    if (key === last) {
      yield { key, from, to: from };
      return;
    }
    const to = valueEnd(body, from);
    yield { key, from, to };
    const after = skipSpace(body, to + 1);
    if (body[after] === CLOSE_BRACE) return;
    if (body[after] !== COMMA) fail(after);
    at = skipSpace(body, after + 1);
  }
}

/** Parses one piece. */
export function parseSpan(body: Buffer, { from, to }: Span): unknown {
  try {
    return JSON.parse(body.toString("utf8", from, to + 1));
  } catch {
    return fail(from);
  }
}
