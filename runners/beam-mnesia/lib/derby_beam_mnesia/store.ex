defmodule DerbyBeamMnesia.Store do
  @moduledoc """
  Keeps sessions in two Mnesia tables with a copy in memory and one on disc (`disc_copies`), on this node alone.

  | table      | key               | a row is                                                                                    |
  | ---------- | ----------------- | ------------------------------------------------------------------------------------------- |
  | `:session` | session           | how many turns have finished, and the newest arguments of `hold_memory` and of a `crash`      |
  | `:turn`    | {session, turn}   | a finished turn: its place in the session, and what the kit calls `t:AgentKit.Store.finished/0` |

  `:turn` is ordered by key, so the turns of one session stand together and are found without an index.

  A commit is one transaction, which begins with the lock of the session's row: turns of one session are committed one after
  the other, and a process that loads waits for a commit that a dead one has left behind. What has happened to the log when
  it returns is the caller's choice:

  | commit              | the record of the transaction is then …                                          |
  | ------------------- | -------------------------------------------------------------------------------- |
  | `:transaction`      | on its way to the process of the log                                             |
  | `:sync_transaction` | in that process, which writes to the file when 2 s have passed or enough has come |
  | `:sync_log`         | in the file, which was flushed (fsync)                                           |

  So only the last one outlives a kill of the VM with certainty.
  """
  @behaviour AgentKit.Store

  require Record
  @session [id: nil, turns: 0, held: nil, crash_on_load: nil]
  @turn [key: nil, place: nil, input: nil, result: nil, messages: nil]
  Record.defrecordp(:session, @session)
  Record.defrecordp(:turn, @turn)

  @type commit :: :transaction | :sync_transaction | :sync_log

  @doc "Opens the tables, creating them where they are not there yet, and returns when they are loaded. Mnesia must be running."
  @spec open(commit) :: :ok
  def open(commit) do
    :persistent_term.put(__MODULE__, commit)
    File.mkdir_p!(:mnesia.system_info(:directory))
    settle!(:mnesia.change_table_copy_type(:schema, node(), :disc_copies))
    create!(:session, :set, @session)
    create!(:turn, :ordered_set, @turn)
    :ok = :mnesia.wait_for_tables([:session, :turn], :infinity)
  end

  defp create!(table, type, fields) do
    options = [type: type, attributes: Keyword.keys(fields), disc_copies: [node()]]
    settle!(:mnesia.create_table(table, options))
  end

  # An earlier start has done it.
  defp settle!({:aborted, reason}) when elem(reason, 0) == :already_exists, do: :ok
  defp settle!({:atomic, :ok}), do: :ok

  @impl true
  def load(id) do
    {:atomic, {session(held: held, crash_on_load: crash), turns}} =
      :mnesia.transaction(fn -> {row(id, :read), turns(id)} end)

    %{finished: Enum.map(turns, &finished/1), held: held, crash_on_load: crash}
  end

  @impl true
  def commit(id, finished) do
    write(fn ->
      session(turns: place) = row = row(id, :write)
      key = {id, finished.turn}
      # Left by a process that died before it could tell; whoever loads next finds it.
      if :mnesia.read(:turn, key) != [], do: :mnesia.abort(:already_there)
      %{input: input, result: result, messages: messages} = finished
      :mnesia.write(turn(key: key, place: place, input: input, result: result, messages: messages))
      :mnesia.write(session(row, turns: place + 1))
    end)
  end

  @impl true
  def remember(id, what, value) do
    :ok =
      write(fn ->
        row = row(id, :write)
        :mnesia.write(if what == :held, do: session(row, held: value), else: session(row, crash_on_load: value))
      end)
  end

  @impl true
  def known?(id), do: :mnesia.dirty_read(:session, id) != []

  defp row(id, lock) do
    case :mnesia.read(:session, id, lock) do
      [row] -> row
      [] -> session(id: id)
    end
  end

  # A select inside the transaction would lock the whole table. The lock of the session's row is enough.
  defp turns(id) do
    rows =
      :mnesia.dirty_select(:turn, [{turn(key: {id, :_}, place: :_, input: :_, result: :_, messages: :_), [], [:"$_"]}])

    Enum.sort_by(rows, fn turn(place: place) -> place end)
  end

  defp finished(turn(key: {_id, turn}, input: input, result: result, messages: messages)),
    do: %{turn: turn, input: input, result: result, messages: messages}

  defp write(fun) do
    case :persistent_term.get(__MODULE__) do
      :transaction -> outcome(:mnesia.transaction(fun))
      :sync_transaction -> outcome(:mnesia.sync_transaction(fun))
      :sync_log -> with :ok <- outcome(:mnesia.transaction(fun)), do: :mnesia.sync_log()
    end
  end

  defp outcome({:atomic, :ok}), do: :ok
  defp outcome({:aborted, reason}), do: {:error, reason}
end
