/**
 * Lines of a witness sorted by session, so that a history is grouped one session after the other. Promises: linear time, two whole
 * numbers for each line; the lines of a session keep their order.
 */

/** The lines of one witness, by the numbers of their sessions. */
export interface LinesBySession<Event> {
  /** Visits the lines of a session in their order; none where the witness saw nothing of it. */
  readonly each: (number: number, visit: (event: Event, at: number) => void) => void;
  /** Events of no session, in their order. */
  readonly others: readonly Event[];
}

/**
 * Sorts the lines of a witness.
 * @param numbers of the sessions that are known; those first met here are given the next ones
 */
export function linesBySession<Event>(
  events: readonly Event[],
  sessionOf: (event: Event) => string | undefined,
  numbers: Map<string, number>,
): LinesBySession<Event> {
  const others: Event[] = [];
  const sessions = new Int32Array(events.length);
  events.forEach((event, at) => {
    const id = sessionOf(event);
    if (id === undefined) others.push(event);
    const number = id === undefined ? -1 : (numbers.get(id) ?? numbers.size);
    if (id !== undefined && number === numbers.size) numbers.set(id, number);
    sessions[at] = number;
  });
  // A counting sort: where the lines of each session begin, then every line in its place.
  const starts = new Int32Array(numbers.size + 1);
  for (const number of sessions) if (number >= 0) starts[number + 1] = (starts[number + 1] ?? 0) + 1;
  for (let number = 0; number < numbers.size; number++)
    starts[number + 1] = (starts[number + 1] ?? 0) + (starts[number] ?? 0);
  const lines = new Int32Array(events.length - others.length);
  const next = starts.slice();
  sessions.forEach((number, at) => {
    if (number < 0) return;
    const place = next[number] ?? 0;
    lines[place] = at;
    next[number] = place + 1;
  });
  return {
    others,
    each: (number, visit) => {
      for (const at of lines.subarray(starts[number] ?? lines.length, starts[number + 1] ?? lines.length)) {
        const event = events[at];
        if (event !== undefined) visit(event, at);
      }
    },
  };
}
