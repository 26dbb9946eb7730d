defmodule DerbyBeamDurable.Store do
  @moduledoc """
  What is kept of sessions, in Postgres: store and journal of the kit.

  Promises that what it said `:ok` to is committed, and that a session's rows are written only under the epoch that owns it. What
  `hold_memory` holds and a `crash` for the load hook are not kept apart: the journal has them, as the calls that they were.
  """
  @behaviour AgentKit.Store
  @behaviour AgentKit.Journal

  alias AgentKit.{JSON, Message}
  alias DerbyBeamDurable.{Healer, Postgres}

  @most_interruptions 20

  @doc "Called once, before anything is loaded. Gives this start of the owner a name of its own."
  @spec init() :: :ok
  def init, do: :persistent_term.put(__MODULE__, "#{System.os_time()}-#{System.pid()}")

  # To load is to own: the epoch is counted up, committed, and only then is the session read.
  @impl AgentKit.Store
  def load(session) do
    Healer.watch(session)
    [[epoch]] = rows!(session, :own, [session, owner(), start()])
    turns = if epoch == "1", do: [], else: turns(session)
    {open, finished} = Enum.split_with(turns, &(&1.result == ""))
    newest_first = turns |> Enum.reverse() |> Enum.flat_map(& &1.messages)
    epoch = String.to_integer(epoch)

    %{
      epoch: epoch,
      finished: Enum.map(finished, &Map.take(&1, [:turn, :input, :result, :messages])),
      open: open |> List.first() |> interrupted(epoch),
      held: newest_call(newest_first, "hold_memory", &held/2),
      crash_on_load: newest_call(newest_first, "crash", &crash_on_load/2)
    }
  end

  @impl AgentKit.Store
  def commit(session, %{turn: turn, messages: [last | _] = messages} = finished) do
    write(session, :commit, [session, finished.epoch, turn, length(messages) - 1, last, finished.result])
  end

  @impl AgentKit.Store
  def remember(_session, _what, _value), do: :ok

  @impl AgentKit.Store
  def known?(session), do: read(session) != :unknown

  # A message travels as a text within the array: its JSON may say U+0000, which no string of Postgres can hold.
  @impl AgentKit.Journal
  def advance(session, %{turn: turn, epoch: epoch, position: position, messages: messages}) do
    write(session, :advance, [session, epoch, turn, position, JSON.encode(messages)])
  end

  @impl AgentKit.Journal
  def read(session) do
    case Postgres.execute(session, :read, [session]) do
      {:ok, []} ->
        :unknown

      {:ok, rows} ->
        {:ok, for([turn, result, input] when result != "" <- rows, do: {turn, {Message.content(input), result}})}

      {:error, _} ->
        :busy
    end
  end

  @doc "Makes the sessions ours in which an earlier start of this owner left a turn open; they are still to be loaded."
  @spec inherit() :: {:ok, [String.t()]} | {:error, term}
  def inherit, do: ids(:inherit, [owner(), start()])

  @doc "Our sessions with an open turn; not those that somebody else has owned since."
  @spec open() :: {:ok, [String.t()]} | {:error, term}
  def open, do: ids(:open, [start()])

  defp ids(statement, parameters) do
    with {:ok, rows} <- Postgres.execute(statement, statement, parameters), do: {:ok, List.flatten(rows)}
  end

  # Stays the same over restarts.
  defp owner, do: "replica-" <> System.get_env("REPLICA", "0")

  # Does not.
  defp start, do: :persistent_term.get(__MODULE__)

  defp write(session, statement, parameters) do
    case Postgres.execute(session, statement, parameters) do
      {:ok, [["0"]]} -> {:error, :superseded}
      {:ok, [[_written]]} -> :ok
      {:error, reason} -> {:error, reason}
    end
  end

  defp rows!(session, statement, parameters) do
    case Postgres.execute(session, statement, parameters) do
      {:ok, rows} -> rows
      {:error, reason} -> raise "Postgres cannot tell how session #{session} stands: #{inspect(reason)}"
    end
  end

  # In order of beginning, which is that of finishing, since one turn of a session runs at a time.
  defp turns(session) do
    session
    |> rows!(:load, [session])
    |> Enum.chunk_by(&hd/1)
    |> Enum.map(&turn/1)
  end

  defp turn([[turn, epoch, result, input, _age_ms] | _] = rows) do
    [_turn, _epoch, _result, _newest, age_ms] = List.last(rows)
    newest_first = for [_turn, _epoch, _result, message, _age_ms] <- Enum.reverse(rows), do: message

    %{
      turn: turn,
      epoch: String.to_integer(epoch),
      input: Message.content(input),
      result: result,
      messages: newest_first,
      age_ms: String.to_integer(age_ms)
    }
  end

  defp interrupted(nil, _epoch), do: nil

  # Every load since it was accepted found it open.
  defp interrupted(turn, epoch) do
    times = epoch - turn.epoch
    give_up = if times > @most_interruptions, do: "interrupted #{times} times"
    turn |> Map.take([:turn, :input, :messages, :age_ms]) |> Map.put(:give_up, give_up)
  end

  # The newest call of a tool that is so. Most messages do not name the tool, and need not be parsed to know it.
  defp newest_call(messages, tool, pick) do
    messages
    |> Stream.filter(&String.contains?(&1, tool))
    |> Stream.flat_map(&Enum.reverse(Message.calls(&1)))
    |> Enum.find_value(fn call -> if call.name == tool, do: pick.(JSON.decode(call.arguments), call.arguments) end)
  end

  defp held({:ok, %{"seed" => seed, "bytes" => bytes}}, _text)
       when is_integer(seed) and seed >= 0 and is_integer(bytes) and bytes >= 0,
       do: {seed, bytes}

  defp held(_arguments, _text), do: nil

  defp crash_on_load({:ok, %{"when" => "load"}}, text), do: text
  defp crash_on_load(_arguments, _text), do: nil
end
