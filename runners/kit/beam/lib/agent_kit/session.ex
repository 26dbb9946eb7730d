defmodule AgentKit.Session do
  @moduledoc """
  The process of one session: its conversation, its finished turns and what it holds.

  A turn runs in a task of its own, so that reading, joining and queueing never wait for the model or a tool. The task is
  linked: no turn outlives its session. The other way round is a choice: a crash in a turn's task ends the session too, and
  its supervisor decides what follows; or the session traps exits and outlives it, and the turn is answered as unknown and
  forgotten.

  The state of a turn that waits is its request; of the one that runs, its request and its task.
  """
  use GenServer

  alias AgentKit.{Agent, Crash, Journal, LocalTools, Tools}

  defmodule Settings do
    @moduledoc "What all sessions of a runner have in common."
    @enforce_keys [:store, :compute]
    defstruct @enforce_keys ++
                [journal: nil, load_in: :continue, restart: :permanent, trap_exit: false, die: &Crash.die/2]

    @type t :: %__MODULE__{
            # An `AgentKit.Store` and an `AgentKit.Compute`.
            store: module,
            compute: module,
            # An `AgentKit.Journal`; nil: of a turn that was interrupted nothing is known.
            journal: module | nil,
            # Where `c:AgentKit.Store.load/1` is called: `:init` holds up the supervisor, `:continue` does not.
            load_in: :init | :continue,
            restart: :permanent | :transient | :temporary,
            # Whether a session outlives a crash of its turn.
            trap_exit: boolean,
            # Dies in a turn, when the script says so.
            die: (Crash.how(), session :: pid -> :ok)
          }
  end

  defstruct [:id, :settings, :epoch, conversation: [], finished: %{}, order: [], held: nil, running: nil, waiting: []]

  @typedoc "The reply to a turn; 409: it was asked with another input. No reply, but the end of the process: unknown."
  @type reply :: {:ok, result :: binary} | {:refused, 409, String.t()} | {:error, term}

  @doc false
  def child_spec({name, id, settings}) do
    %{id: id, start: {__MODULE__, :start_link, [name, id, settings]}, restart: settings.restart}
  end

  # Who asks for a session that just died may start it before its supervisor restarts it. Without `:ignore` that would
  # be a failed restart, tried again until the limit of restarts takes all sessions down.
  @doc false
  def start_link(name, id, settings) do
    with {:error, {:already_started, _}} <- GenServer.start_link(__MODULE__, {id, settings}, name: name), do: :ignore
  end

  @impl true
  def init({id, settings}) do
    Process.flag(:trap_exit, settings.trap_exit)
    session = %__MODULE__{id: id, settings: settings}

    case settings.load_in do
      :init -> {:ok, load(session)}
      :continue -> {:ok, session, {:continue, :load}}
    end
  end

  @impl true
  def handle_continue(:load, session), do: {:noreply, load(session)}

  defp load(session) do
    saved = session.settings.store.load(session.id)

    with text when text != nil <- saved.crash_on_load,
         how when how != false <- Crash.leave(text),
         do: Crash.die(how, self())

    held = with {seed, bytes} <- saved.held, do: LocalTools.small_objects(seed, bytes)
    session = %{session | held: held, epoch: saved[:epoch], waiting: interrupted(saved[:open])}
    start_next(Enum.reduce(saved.finished, session, &keep/2))
  end

  # Nobody waits for it yet, and nobody reads along.
  defp interrupted(nil), do: []
  defp interrupted(open), do: [%{turn: open.turn, input: open.input, open: open, listener: nil, clients: []}]

  @impl true
  def handle_call({:turn, turn, input, listener}, from, session) do
    case find(session, turn) do
      {^input, result} when is_binary(result) ->
        {:reply, {:ok, result}, session}

      {^input, nil} ->
        {:noreply, join(session, turn, from)}

      nil ->
        request = %{turn: turn, input: input, open: nil, listener: listener, clients: [from]}
        {:noreply, start_next(%{session | waiting: session.waiting ++ [request]})}

      {_other, _} ->
        {:reply, {:refused, 409, "this turn was asked with another input"}, session}
    end
  end

  def handle_call(:read, _from, session) do
    turns = for turn <- Enum.reverse(session.order), do: {turn, session.finished[turn]}
    {:reply, turns, session}
  end

  # What was held goes first, or the memory would be needed twice.
  def handle_call({:hold, seed, bytes}, _from, session) do
    session = %{session | held: nil}
    objects = LocalTools.small_objects(seed, bytes)
    {:reply, length(objects), %{session | held: objects}}
  end

  @impl true
  def handle_info({ref, {finished, committed}}, %{running: %{task: %{ref: ref}} = running} = session) do
    Process.demonitor(ref, [:flush])

    case committed do
      :ok ->
        answer(running, {:ok, finished.result})
        {:noreply, start_next(keep(finished, %{session | running: nil}))}

      {:error, reason} ->
        {:stop, {:not_committed, reason}, session}
    end
  end

  def handle_info({:DOWN, ref, :process, _pid, reason}, %{running: %{task: %{ref: ref}} = running} = session) do
    answer(running, {:error, reason})
    {:noreply, start_next(%{session | running: nil})}
  end

  # The link's half of a task's end, for who traps exits: the monitor has told it, or will.
  def handle_info({:EXIT, _task, _reason}, session), do: {:noreply, session}

  # The input and, once there is one, the result of a turn that is known.
  defp find(session, turn) do
    with nil <- session.finished[turn],
         %{input: input} <- Enum.find(open_requests(session), &(&1.turn == turn)),
         do: {input, nil}
  end

  defp open_requests(%{running: nil} = session), do: session.waiting
  defp open_requests(session), do: [session.running | session.waiting]

  defp join(session, turn, from) do
    add = fn request -> if request.turn == turn, do: %{request | clients: [from | request.clients]}, else: request end
    %{session | running: session.running && add.(session.running), waiting: Enum.map(session.waiting, add)}
  end

  defp start_next(%{running: nil, waiting: [request | waiting]} = session),
    do: %{session | waiting: waiting, running: Map.put(request, :task, run(session, request))}

  defp start_next(session), do: session

  # The task is given what it needs and not the session: whatever a function mentions is copied to the task's heap.
  defp run(%{id: id, epoch: epoch, settings: settings} = session, %{turn: turn, input: input, open: open} = request) do
    run = %{
      before: session.conversation,
      context: context(id, turn, epoch, settings),
      listener: request.listener,
      keep: Journal.keeper(settings.journal, id, turn, epoch)
    }

    Task.async(fn ->
      {result, messages} = if open, do: Agent.resume(run, open), else: Agent.run(run, input)
      finished = %{turn: turn, input: input, result: result, messages: messages, epoch: epoch}
      {finished, settings.store.commit(id, finished)}
    end)
  end

  defp context(id, turn, epoch, %{store: store, compute: compute, journal: journal, die: die}) do
    session = self()

    %Tools.Context{
      headers: if(epoch, do: [{"fence", Integer.to_string(epoch)}], else: []),
      # Without a journal a turn that runs again does not know which of its calls are the same.
      turn_key: journal && Enum.map_join([id, turn], "/", &URI.encode(&1, fn char -> URI.char_unreserved?(char) end)),
      session: id,
      pid: session,
      compute: compute,
      die: die,
      hold: fn seed, bytes ->
        store.remember(id, :held, {seed, bytes})
        GenServer.call(session, {:hold, seed, bytes}, :infinity)
      end,
      crash_on_load: &store.remember(id, :crash_on_load, &1),
      run_child: &AgentKit.Sessions.run_turn(&1, "1", &2)
    }
  end

  defp keep(finished, session) do
    %{
      session
      | conversation: finished.messages ++ session.conversation,
        finished: Map.put(session.finished, finished.turn, {finished.input, finished.result}),
        order: [finished.turn | session.order]
    }
  end

  defp answer(%{clients: clients}, reply), do: Enum.each(clients, &GenServer.reply(&1, reply))
end
