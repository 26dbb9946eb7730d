/**
 * Routine: code that waits, written in the order in which it happens. A process that is dead never goes on with one, a frozen one
 * goes on when it is thawed.
 */

/** Something to wait for: calls `go` once, when it has come. */
export type Wait = (go: () => void) => void;
export type Routine<Value> = Generator<Wait, Value, void>;

/** Where routines run: says when, and whether at all, a step of one may be taken. */
export interface Runs {
  enter(step: () => void): void;
}

/** Waits until `begin` has handed over a value. */
export function* until<Value>(begin: (done: (value: Value) => void) => void): Routine<Value> {
  const come: Value[] = [];
  yield (go) =>
    begin((value) => {
      come.push(value);
      go();
    });
  return come[0] as Value;
}

/** How a routine ended. */
export type Ended<Value> = { readonly value: Value } | { readonly error: unknown };

/** Runs a routine to its end; `ended` may be called within this call. */
export function run<Value>(where: Runs, routine: Routine<Value>, ended: (how: Ended<Value>) => void): void {
  const step = (): void => {
    let next: IteratorResult<Wait, Value>;
    try {
      next = routine.next();
    } catch (error) {
      ended({ error });
      return;
    }
    if (next.done === true) ended({ value: next.value });
    else next.value(() => where.enter(step));
  };
  step();
}

/** Runs routines side by side and waits for all. @throws what the first one in order threw */
export function* all<Value>(where: Runs, routines: readonly Routine<Value>[]): Routine<Value[]> {
  const ends = yield* until<(Ended<Value> | undefined)[]>((done) => {
    const found: (Ended<Value> | undefined)[] = routines.map(() => undefined);
    let open = routines.length;
    if (open === 0) done(found);
    routines.forEach((routine, index) => {
      run(where, routine, (how) => {
        found[index] = how;
        open -= 1;
        if (open === 0) done(found);
      });
    });
  });
  return ends.map((end) => {
    if (end === undefined) throw new Error("a routine has not ended");
    if ("error" in end) throw end.error;
    return end.value;
  });
}
