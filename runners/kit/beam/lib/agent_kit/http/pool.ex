defmodule AgentKit.HTTP.Pool do
  @moduledoc """
  Connections that are kept alive, by endpoint; the one used last is taken first. There is no limit to their number.

  While idle a connection belongs to the pool, which hears when its server closes it. In use it belongs to the process
  that uses it, so that it closes when that process dies. No byte passes through the pool.
  """
  use GenServer

  @type endpoint :: {host :: String.t(), :inet.port_number()}

  @doc false
  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "An idle connection, now the caller's; nil when there is none."
  @spec checkout(endpoint) :: :gen_tcp.socket() | nil
  def checkout(endpoint), do: GenServer.call(__MODULE__, {:checkout, endpoint, self()}, :infinity)

  @doc "Gives a connection back on which nothing is under way."
  @spec checkin(endpoint, :gen_tcp.socket()) :: :ok
  def checkin(endpoint, socket) do
    case :gen_tcp.controlling_process(socket, Process.whereis(__MODULE__)) do
      :ok -> GenServer.cast(__MODULE__, {:checkin, endpoint, socket})
      {:error, _} -> :gen_tcp.close(socket)
    end
  end

  @impl true
  def init(nil), do: {:ok, %{idle: %{}, endpoints: %{}}}

  @impl true
  def handle_call({:checkout, endpoint, user}, _from, pool) do
    case Map.get(pool.idle, endpoint, []) do
      [] -> {:reply, nil, pool}
      [socket | _] -> hand_over(socket, endpoint, user, forget(pool, socket))
    end
  end

  defp hand_over(socket, endpoint, user, pool) do
    with :ok <- :inet.setopts(socket, active: false),
         :ok <- :gen_tcp.controlling_process(socket, user) do
      {:reply, socket, pool}
    else
      # It was closed a moment ago; its message is still under way.
      {:error, _} ->
        :gen_tcp.close(socket)
        handle_call({:checkout, endpoint, user}, nil, pool)
    end
  end

  @impl true
  def handle_cast({:checkin, endpoint, socket}, pool) do
    case :inet.setopts(socket, active: :once) do
      :ok ->
        idle = Map.update(pool.idle, endpoint, [socket], &[socket | &1])
        {:noreply, %{idle: idle, endpoints: Map.put(pool.endpoints, socket, endpoint)}}

      {:error, _} ->
        {:noreply, pool}
    end
  end

  # Closed by its server, or bytes that nobody asked for: of no use any more.
  @impl true
  def handle_info({:tcp_closed, socket}, pool), do: {:noreply, forget(pool, socket)}

  def handle_info({_event, socket, _}, pool) do
    :gen_tcp.close(socket)
    {:noreply, forget(pool, socket)}
  end

  defp forget(pool, socket) do
    case Map.pop(pool.endpoints, socket) do
      {nil, _} -> pool
      {endpoint, endpoints} -> %{idle: Map.update!(pool.idle, endpoint, &List.delete(&1, socket)), endpoints: endpoints}
    end
  end
end
