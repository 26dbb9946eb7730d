defmodule AgentKit.Sessions do
  @moduledoc """
  All sessions of the VM: a registry that finds them by id, and a supervisor, or several, that starts and restarts them.

  A session is started by its first turn and lives until the VM ends.
  """
  alias AgentKit.Session

  @registry __MODULE__.Registry
  @supervisor __MODULE__.Supervisor

  @typedoc "A turn that was asked for; its reply is awaited with `reply/2`."
  @opaque request :: :gen_server.request_id()

  @doc """
  What belongs into the runner's supervision tree.

    * `:supervisor`: options of `DynamicSupervisor`, such as `:max_restarts`
    * `:partitions`: so many of them under a `PartitionSupervisor`; without it there is one
  """
  @spec children(Session.Settings.t(), keyword) :: [:supervisor.child_spec() | {module, term}]
  def children(settings, options) do
    supervisor = options[:supervisor] || []

    sessions =
      case options[:partitions] do
        nil ->
          {DynamicSupervisor, [name: @supervisor] ++ supervisor}

        count ->
          {PartitionSupervisor, name: @supervisor, partitions: count, child_spec: {DynamicSupervisor, supervisor}}
      end

    partitioned? = options[:partitions] != nil
    [{Registry, keys: :unique, name: @registry, meta: [settings: settings, partitioned?: partitioned?]}, sessions]
  end

  @doc "Asks for a turn without waiting for it. The listener, if any, is told what the model says."
  @spec request_turn(String.t(), String.t(), String.t(), AgentKit.Listener.t()) :: {:ok, request} | {:error, term}
  def request_turn(session, turn, input, listener) do
    with {:ok, pid} <- open(session), do: {:ok, :gen_server.send_request(pid, {:turn, turn, input, listener})}
  end

  @doc "The reply to a request, if this message is one."
  @spec reply(term, request) :: {:reply, Session.reply()} | :no_reply
  def reply(message, request) do
    case :gen_server.check_response(message, request) do
      {:error, {reason, _session}} -> {:reply, {:error, reason}}
      other -> other
    end
  end

  @doc "Asks for a turn and waits for its end, for who is no HTTP client."
  @spec run_turn(String.t(), String.t(), String.t()) :: {:ok, result :: binary} | {:error, String.t()}
  def run_turn(session, turn, input) do
    with {:ok, request} <- request_turn(session, turn, input, nil),
         {:reply, {:ok, result}} <- :gen_server.wait_response(request, :infinity) do
      {:ok, result}
    else
      {:reply, {:refused, _status, message}} -> {:error, message}
      other -> {:error, inspect(other)}
    end
  end

  @doc "Starts a session that nobody asks, if it has no process, so that it takes up what was interrupted."
  @spec wake(String.t()) :: :ok | {:error, term}
  def wake(session), do: with({:ok, _pid} <- open(session), do: :ok)

  @doc """
  Finished turns in order of finishing as `{turn, {input, result}}`; `:unknown` for a session nobody knows, `:busy` while nobody
  can tell.
  """
  @spec read(String.t()) :: {:ok, [{String.t(), {String.t(), binary}}]} | :unknown | :busy | {:error, term}
  def read(session) do
    case settings().journal do
      nil -> ask_process(session)
      journal -> journal.read(session)
    end
  end

  defp ask_process(session) do
    with [] <- Registry.lookup(@registry, session), false <- settings().store.known?(session) do
      :unknown
    else
      _live_or_known -> with {:ok, pid} <- open(session), do: {:ok, GenServer.call(pid, :read, :infinity)}
    end
  catch
    :exit, {reason, _call} -> {:error, reason}
  end

  defp open(session) do
    case Registry.lookup(@registry, session) do
      [{pid, _}] -> {:ok, pid}
      [] -> start(session)
    end
  end

  defp start(session) do
    name = {:via, Registry, {@registry, session}}

    case DynamicSupervisor.start_child(supervisor(session), {Session, {name, session, settings()}}) do
      {:ok, pid} -> {:ok, pid}
      # Somebody else started it in this moment.
      :ignore -> open(session)
      {:error, reason} -> {:error, reason}
    end
  catch
    # The supervisor is gone, and will be back.
    :exit, {reason, _call} -> {:error, reason}
  end

  defp supervisor(session) do
    case Registry.meta(@registry, :partitioned?) do
      {:ok, true} -> {:via, PartitionSupervisor, {@supervisor, session}}
      {:ok, false} -> @supervisor
    end
  end

  defp settings do
    {:ok, settings} = Registry.meta(@registry, :settings)
    settings
  end
end
