defmodule DerbyBeamDurable.Postgres do
  @moduledoc """
  So many connections to Postgres, and which of them a statement takes: always the same for a session.

  So the statements of a session are run in the order in which they were asked for, also when the process that asked died
  meanwhile and the next one loads. The price is that one may wait behind those of others while another connection is idle.
  """
  alias DerbyBeamDurable.{Connection, Statements}

  # A statement's own 5 s may come after those of connecting.
  @wait_max_ms 10_000

  @doc "Options: `:connections`."
  def child_spec(options) do
    PartitionSupervisor.child_spec(
      name: __MODULE__,
      partitions: Keyword.fetch!(options, :connections),
      child_spec: Connection
    )
  end

  @doc """
  Runs a prepared statement: rows of texts, committed. On an error nobody knows whether it was, and it is not tried again.
  """
  @spec execute(key :: term, statement :: atom, [String.t() | integer]) :: {:ok, [[String.t()]]} | {:error, term}
  def execute(key, statement, parameters) do
    until_ms = System.monotonic_time(:millisecond) + @wait_max_ms

    with {:ok, sql} <- Statements.call(statement, parameters),
         do: GenServer.call({:via, PartitionSupervisor, {__MODULE__, key}}, {:execute, sql, until_ms}, @wait_max_ms)
  catch
    :exit, {reason, _call} -> {:error, reason}
  end
end
