defmodule DerbyBeamNative.Programs do
  @moduledoc """
  The work in other processes of the system: some programs behind ports, each doing one job at a time. Who finds none idle waits
  in line.

  A program that dies takes the job that it was doing with it, whose caller is told; another one is started in its place, and
  nobody else notices. No job is given to a second program: it may be what killed the first.
  """
  use GenServer

  defstruct [:path, idle: [], busy: %{}, waiting: :queue.new()]

  @doc "Starts so many programs."
  @spec start_link(pos_integer) :: GenServer.on_start()
  def start_link(count), do: GenServer.start_link(__MODULE__, count, name: __MODULE__)

  @doc "Does a job of `DerbyBeamNative.Work`. A caller that dies meanwhile stops no program."
  @spec run(binary) :: {:ok, String.t()} | {:error, String.t()}
  def run(job), do: GenServer.call(__MODULE__, {:run, job}, :infinity)

  @impl true
  def init(count) do
    # A port is linked to its owner: its end is a message.
    Process.flag(:trap_exit, true)
    path = Application.app_dir(:derby_beam_native, "priv/derby-program")
    {:ok, %__MODULE__{path: path, idle: for(_ <- 1..count, do: open(path))}}
  end

  @impl true
  def handle_call({:run, job}, from, state) do
    {:noreply, assign(%{state | waiting: :queue.in({job, from}, state.waiting)})}
  end

  @impl true
  def handle_info({port, {:data, <<status, text::binary>>}}, state) do
    {from, busy} = Map.pop!(state.busy, port)
    GenServer.reply(from, {if(status == 0, do: :ok, else: :error), text})
    {:noreply, assign(%{state | busy: busy, idle: [port | state.idle]})}
  end

  def handle_info({:EXIT, port, _reason}, state) when is_port(port) do
    {from, busy} = Map.pop(state.busy, port)
    if from, do: GenServer.reply(from, {:error, "the native program died"})
    {:noreply, assign(%{state | busy: busy, idle: [open(state.path) | List.delete(state.idle, port)]})}
  end

  defp open(path), do: Port.open({:spawn_executable, path}, [:binary, packet: 4])

  defp assign(%{idle: [port | idle]} = state) do
    case :queue.out(state.waiting) do
      {:empty, _} ->
        state

      {{:value, {job, from}}, waiting} ->
        # Unlike `Port.command/2` this does not raise when the program has just died: the message of its end is on its way.
        send(port, {self(), {:command, job}})
        %{state | idle: idle, busy: Map.put(state.busy, port, from), waiting: waiting}
    end
  end

  defp assign(state), do: state
end
