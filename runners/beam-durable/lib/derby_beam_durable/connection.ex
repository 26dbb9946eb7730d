defmodule DerbyBeamDurable.Connection do
  @moduledoc """
  The process of one connection to Postgres: runs prepared statements, one after the other, and connects again when it must.

  They go as `EXECUTE` of the simple protocol: one message, and the server commits whatever becomes of us. p1_pgsql's own
  way to run a prepared statement sends Execute, waits, and then sends the Sync that commits: a process that is stopped in
  between holds its locks until it goes on, and nobody can take its session over.

  Nothing is tried twice here: a statement whose connection broke may have been committed, so its caller hears an error and
  has to read. While Postgres is away every statement fails at once, or after 5 s to connect and 5 s for a statement. One that
  waited here longer than its caller does is not run any more.
  """
  use GenServer
  alias DerbyBeamDurable.Statements

  # p1_pgsql itself has limits for the parts of opening, but none for the last one.
  @open_max_ms 5000
  @statement_max_ms 5000

  @typedoc "A connection of p1_pgsql."
  @type db :: pid

  @doc false
  def start_link(_), do: GenServer.start_link(__MODULE__, nil)

  @doc "Connects to DATABASE_URL. The connection is linked to the caller, which has to trap exits."
  @spec open() :: {:ok, db} | {:error, term}
  def open do
    uri = URI.parse(System.fetch_env!("DATABASE_URL"))
    [user | password] = String.split(uri.userinfo || "postgres", ":", parts: 2)

    options = [
      host: uri.host,
      port: uri.port || 5432,
      user: URI.decode(user),
      password: password |> Enum.join() |> URI.decode(),
      database: uri.path |> String.trim_leading("/") |> URI.decode(),
      as_binary: true
    ]

    # As `pgsql_proto:start_link/1`, but with a limit.
    :gen_server.start_link(:pgsql_proto, [self(), options], timeout: @open_max_ms)
  end

  @doc "Runs statements; the rows of the last one."
  @spec run(db, String.t()) :: {:ok, [[String.t()]]} | {:error, term}
  def run(db, sql) do
    {:ok, results} = :pgsql.squery(db, sql, @statement_max_ms)

    case {List.keyfind(results, :error, 0), List.last(results)} do
      {nil, {_command, _columns, rows}} -> {:ok, Enum.map(rows, &copy/1)}
      {nil, _command} -> {:ok, []}
      {{:error, reason}, _} -> {:error, reason}
    end
  catch
    # Without the call, which would tell clients and log all that was to be written.
    :exit, {reason, _call} ->
      Process.exit(db, :kill)
      {:error, reason}
  end

  # What comes is a piece of all that came with it, and would keep that in memory.
  defp copy(row), do: Enum.map(row, &:binary.copy/1)

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    {:ok, nil}
  end

  @impl true
  def handle_call({:execute, sql, until_ms}, _from, db) do
    with true <- System.monotonic_time(:millisecond) < until_ms,
         {:ok, db} <- prepared(db) do
      {:reply, run(db, sql), if(Process.alive?(db), do: db)}
    else
      false -> {:reply, {:error, :timeout}, db}
      {:error, reason} -> {:reply, {:error, reason}, nil}
    end
  end

  @impl true
  def handle_info({:EXIT, db, _reason}, db), do: {:noreply, nil}
  # Of one that was given up before; or the answer to a statement that took too long.
  def handle_info(_late, db), do: {:noreply, db}

  defp prepared(nil), do: with({:ok, db} <- open(), do: prepare(db))
  defp prepared(db), do: {:ok, db}

  defp prepare(db) do
    case run(db, Statements.preparation()) do
      {:ok, _none} ->
        {:ok, db}

      {:error, reason} ->
        Process.exit(db, :kill)
        {:error, reason}
    end
  end
end
