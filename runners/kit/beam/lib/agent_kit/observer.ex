defmodule AgentKit.Observer do
  @moduledoc """
  Observes the VM for whoever asked by DERBY_OBSERVE, a file prefix, and knows nothing of sessions.

  It notes garbage collections of single processes from 1 ms on (`local`: a BEAM process collects alone), and
  stretches of 20 ms and more in which a scheduler ran one process or port and nothing else; with one scheduler online
  that is a stall of everybody, with more it is one of theirs. Once a second it notes memory, how busy the schedulers
  were, and how many processes waited for one. Times are milliseconds of CLOCK_MONOTONIC.
  """
  use GenServer, restart: :temporary

  @collection_from_ms 1
  @stall_from_ms 20
  @write_every_ms 250
  @look_every_ms 1000

  @doc false
  def start_link(_), do: GenServer.start_link(__MODULE__, System.get_env("DERBY_OBSERVE"))

  @impl true
  def init(prefix) when prefix in [nil, ""], do: :ignore

  def init(prefix) do
    case File.open("#{prefix}.#{System.pid()}.0", [:append, :raw]) do
      {:ok, file} ->
        :erlang.system_monitor(self(), long_gc: @collection_from_ms, long_schedule: @stall_from_ms)
        :erlang.system_flag(:scheduler_wall_time, true)
        :timer.send_interval(@write_every_ms, :write)
        :timer.send_interval(@look_every_ms, :look)
        {:ok, %{file: file, lines: [], times: scheduler_times()}}

      {:error, _} ->
        :ignore
    end
  end

  @doc "The instant on the clock that all processes of the machine share, in milliseconds."
  @spec now_ms() :: float
  def now_ms do
    time = :erlang.system_info(:os_monotonic_time_source)[:time]
    System.convert_time_unit(time, :native, :microsecond) / 1000
  end

  @impl true
  def handle_info({:monitor, _pid, :long_gc, details}, state),
    do: note(state, ended("gc", details, ~s("kind":"local",)))

  def handle_info({:monitor, _pid, :long_schedule, details}, state), do: note(state, ended("stall", details, ""))

  def handle_info(:look, state) do
    times = scheduler_times()
    memory = :erlang.memory()

    line = [
      ~s({"e":"heap","at":#{now_ms()},"usedBytes":#{memory[:processes_used] + memory[:binary] + memory[:ets]},),
      ~s("totalBytes":#{memory[:total]},"busy":#{busy(state.times, times)},),
      ~s("runnable":#{:erlang.statistics(:total_run_queue_lengths)}}\n)
    ]

    note(%{state | times: times}, line)
  end

  def handle_info(:write, %{lines: []} = state), do: {:noreply, state}

  def handle_info(:write, state) do
    case :file.write(state.file, Enum.reverse(state.lines)) do
      :ok -> {:noreply, %{state | lines: []}}
      {:error, _} -> {:stop, :normal, state}
    end
  end

  defp note(state, line), do: {:noreply, %{state | lines: [line | state.lines]}}

  # The monitor tells the end and the length, in whole milliseconds.
  defp ended(event, details, more) do
    ms = details[:timeout]
    ~s({"e":"#{event}","at":#{now_ms() - ms},#{more}"ms":#{ms}}\n)
  end

  # Busy and whole time of the schedulers that run processes; dirty ones are not among them.
  defp scheduler_times do
    online = :erlang.system_info(:schedulers_online)

    for {scheduler, active, total} <- :erlang.statistics(:scheduler_wall_time), scheduler <= online, reduce: {0, 0} do
      {actives, totals} -> {actives + active, totals + total}
    end
  end

  defp busy({active_before, total_before}, {active, total}),
    do: Float.round((active - active_before) / max(1, total - total_before), 4)
end
