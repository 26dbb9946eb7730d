defmodule DerbyBeamDurable.Schema do
  @moduledoc """
  The tables; `README.md` says what a row of each means. Whoever starts next waits in the supervision tree until they exist.

  Several nodes that start together would all find no table and all create it; the lock makes them wait for each other.
  """
  use GenServer, restart: :temporary
  alias DerbyBeamDurable.Connection
  require Logger

  @first_pause_ms 100
  @pause_max_ms 1000

  # All of them are created in one transaction.
  @newest_table "SELECT coalesce(to_regclass('messages')::text, '')"
  @sql """
  BEGIN;
  SELECT pg_advisory_xact_lock(7310256);
  CREATE TABLE IF NOT EXISTS sessions (
    id text COLLATE "C" PRIMARY KEY,
    epoch integer NOT NULL,
    owner text NOT NULL,
    start text NOT NULL
  ) WITH (fillfactor = 70);
  CREATE TABLE IF NOT EXISTS turns (
    session text COLLATE "C" NOT NULL,
    turn text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    epoch integer NOT NULL,
    result text,
    kept integer,
    PRIMARY KEY (session, turn)
  ) WITH (fillfactor = 80);
  CREATE INDEX IF NOT EXISTS turns_running ON turns (session) WHERE result IS NULL;
  CREATE TABLE IF NOT EXISTS messages (
    session text COLLATE "C" NOT NULL,
    turn text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    message text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (session, turn, position)
  );
  COMMIT;
  """

  @doc false
  def start_link(_), do: GenServer.start_link(__MODULE__, nil)

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    ensure(@first_pause_ms)
    :ignore
  end

  defp ensure(pause_ms) do
    with {:error, reason} <- create() do
      Logger.warning("Postgres does not answer: #{inspect(reason)}")
      Process.sleep(pause_ms)
      ensure(min(2 * pause_ms, @pause_max_ms))
    end
  end

  # Where the tables exist they are not created "if not exists", which would wait for whoever is writing to them.
  defp create do
    with {:ok, db} <- Connection.open() do
      created = with {:ok, [[""]]} <- Connection.run(db, @newest_table), do: Connection.run(db, @sql)
      Process.exit(db, :kill)
      created
    end
  end
end
