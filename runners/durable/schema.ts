/**
 * The tables, and the statements on them. `README.md` explains what each row means to a person who looks.
 *
 * A session's rows change only together with a check of its epoch, in one statement and so in one transaction: a process
 * that lost the session changes nothing.
 */

/** Two processes that start together would both find no table and both create it; the lock makes one of them wait. */
export const SETUP = `
BEGIN;
SELECT pg_advisory_xact_lock(7310254);
CREATE TABLE IF NOT EXISTS sessions (
  id text COLLATE "C" PRIMARY KEY,
  epoch integer NOT NULL,
  owner text NOT NULL,
  start text NOT NULL
) WITH (fillfactor = 70);
CREATE TABLE IF NOT EXISTS turns (
  session text COLLATE "C" NOT NULL,
  turn text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  epoch integer NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  failure json,
  PRIMARY KEY (session, turn)
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS turns_running ON turns (session) WHERE state = 'running';
CREATE TABLE IF NOT EXISTS journal (
  session text COLLATE "C" NOT NULL,
  turn text COLLATE "C" NOT NULL,
  step smallint NOT NULL,
  part smallint NOT NULL,
  message json NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session, turn, step, part)
);
COMMIT;`;

/**
 * Takes sessions over: every later write of their former owner finds another epoch. Sorted, as all that locks several sessions is, so
 * that two processes never lock crosswise.
 */
export const OWN = {
  name: "own",
  text: `
INSERT INTO sessions (id, epoch, owner, start)
SELECT id, 1, $2, $3 FROM unnest($1::text[]) AS wanted (id) ORDER BY id COLLATE "C"
ON CONFLICT (id) DO UPDATE SET epoch = sessions.epoch + 1, owner = EXCLUDED.owner, start = EXCLUDED.start
RETURNING id, epoch`,
};

/**
 * Takes back those of the sessions that nobody has owned since this start of an owner did. The start is compared, not the epoch:
 * whose answer to `OWN` was lost does not know its epoch.
 */
export const TAKE_BACK = {
  name: "take-back",
  text: `
WITH still_mine AS (
  SELECT id FROM sessions WHERE id = ANY ($1::text[]) AND start = $2 ORDER BY id FOR UPDATE
)
UPDATE sessions SET epoch = sessions.epoch + 1 FROM still_mine WHERE sessions.id = still_mine.id
RETURNING sessions.id, sessions.epoch`,
};

/**
 * Commits a batch of writes of many sessions. $1 holds the epochs under which they were written, $2 turns that begin, $3 messages,
 * $4 turns that end; answers with the sessions that are still owned, and skips the rows of all others. The share lock makes
 * a take-over wait for this transaction, so that the new owner reads what it wrote.
 */
export const COMMIT = {
  name: "commit",
  text: `
WITH mine AS (
  SELECT s.id FROM sessions s
  JOIN json_to_recordset($1::json) AS held (session text, epoch integer) ON s.id = held.session AND s.epoch = held.epoch
  ORDER BY s.id FOR SHARE OF s
), begun AS (
  INSERT INTO turns (session, turn, seq, epoch, state)
  SELECT b.session, b.turn, b.seq, b.epoch, 'running'
  FROM json_to_recordset($2::json) AS b (session text, turn text, seq integer, epoch integer) JOIN mine ON mine.id = b.session
), written AS (
  INSERT INTO journal (session, turn, step, part, message)
  SELECT w.session, w.turn, w.step, w.part, w.message::json
  FROM json_to_recordset($3::json) AS w (session text, turn text, step smallint, part smallint, message text) JOIN mine ON mine.id = w.session
), ended AS (
  UPDATE turns t SET state = e.state, failure = e.failure::json
  FROM json_to_recordset($4::json) AS e (session text, turn text, state text, failure text) JOIN mine ON mine.id = e.session
  WHERE t.session = e.session AND t.turn = e.turn
)
SELECT id FROM mine`,
};

/** Everything known about a session: its turns in order, each with its journal. */
export const LOAD = {
  name: "load",
  text: `
SELECT t.turn, t.seq, t.epoch, t.state, t.failure, (
  SELECT json_agg(json_build_object('step', j.step, 'part', j.part, 'message', j.message,
    'ageMs', round(extract(epoch FROM now() - j.written_at) * 1000)) ORDER BY j.step, j.part)
  FROM journal j WHERE j.session = t.session AND j.turn = t.turn
) AS entries
FROM turns t WHERE t.session = $1 ORDER BY t.seq`,
};

/** Sessions in which an owner of this name left a turn unfinished become those of its start $2, which may then take them back. */
export const INHERIT = {
  name: "inherit",
  text: `
WITH left_open AS (
  SELECT id FROM sessions
  WHERE owner = $1 AND id IN (SELECT session FROM turns WHERE state = 'running')
  ORDER BY id FOR UPDATE
)
UPDATE sessions SET start = $2 FROM left_open WHERE sessions.id = left_open.id
RETURNING sessions.id`,
};
