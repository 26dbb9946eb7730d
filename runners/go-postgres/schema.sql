-- The tables. README.md says what a row of each means. Processes that start together would both find no table and both create
-- it; the lock makes one of them wait.
BEGIN;
SELECT pg_advisory_xact_lock(7310255);
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
COMMIT;
