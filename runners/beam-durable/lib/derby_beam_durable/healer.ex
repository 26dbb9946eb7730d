defmodule DerbyBeamDurable.Healer do
  @moduledoc """
  Wakes sessions that nobody asks for, so that interrupted turns go on: at start those that an earlier start left, later those
  whose process died.

  Sessions are temporary children, so no supervisor counts their crashes or restarts them. One that was lost and has a turn open
  is woken within a second, or as soon as Postgres answers again; but only if it was ours last. Whoever owned it since goes on
  with it, and to take it back unasked would be to quarrel about it.
  """
  use GenServer
  alias AgentKit.{Drain, Sessions}
  alias DerbyBeamDurable.Store
  require Logger

  @pause_ms 1000

  @doc false
  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Watches the calling process, which is that of the session."
  @spec watch(String.t()) :: :ok
  def watch(session), do: GenServer.cast(__MODULE__, {:watch, session, self()})

  @impl true
  def init(nil), do: {:ok, %{watched: %{}, lost: MapSet.new(), round_due?: false}, {:continue, :find}}

  @impl true
  def handle_continue(:find, state), do: find(state)

  @impl true
  def handle_cast({:watch, session, pid}, state),
    do: {:noreply, put_in(state.watched[Process.monitor(pid)], session)}

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, _reason}, state) do
    {session, state} = pop_in(state.watched[ref])
    {:noreply, lose(session, state)}
  end

  def handle_info(:find, state), do: find(state)

  # Once we drain, the next start takes up what is open.
  def handle_info(:round, state),
    do: {:noreply, if(Drain.draining?(), do: state, else: heal(%{state | round_due?: false}))}

  defp find(state) do
    case Store.inherit() do
      {:ok, sessions} -> {:noreply, Enum.reduce(sessions, state, &wake/2)}
      {:error, reason} -> {:noreply, later(state, :find, reason)}
    end
  end

  defp heal(state) do
    case Store.open() do
      {:ok, sessions} ->
        sessions |> Enum.filter(&(&1 in state.lost)) |> Enum.reduce(%{state | lost: MapSet.new()}, &wake/2)

      {:error, reason} ->
        later(%{state | round_due?: true}, :round, reason)
    end
  end

  defp later(state, what, reason) do
    Logger.warning("Postgres does not answer: #{inspect(reason)}")
    Process.send_after(self(), what, @pause_ms)
    state
  end

  defp wake(session, state) do
    case Sessions.wake(session) do
      :ok -> state
      {:error, _reason} -> lose(session, state)
    end
  end

  defp lose(session, state) do
    unless state.round_due?, do: Process.send_after(self(), :round, @pause_ms)
    %{state | lost: MapSet.put(state.lost, session), round_due?: true}
  end
end
