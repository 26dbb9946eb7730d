defmodule DerbyBeamMnesia.Application do
  @moduledoc """
  Sessions as processes, kept in Mnesia: the supervision tree.

  Mnesia itself is an application beside this one. It was started before, on the folder that `rel/env.sh.eex` names; when it
  ends, the VM ends. Sessions are `:temporary`, so nobody restarts them and no crash counts against the others; whoever asks for
  one first starts it, and it loads what is kept. Four supervisors share them.

  | variable | means                                                                                         | default       |
  | -------- | --------------------------------------------------------------------------------------------- | ------------- |
  | `COMMIT` | how a finished turn is kept: `transaction`, `sync_transaction` or `sync_log`; see the store    | `transaction` |
  """
  use Application
  alias DerbyBeamMnesia.Store

  @drain_max_ms 10_000
  @partitions 4
  @commits %{"transaction" => :transaction, "sync_transaction" => :sync_transaction, "sync_log" => :sync_log}

  @impl true
  def start(_type, _args) do
    AgentKit.Drain.init()
    # Before anything listens: `/healthz` answers when the tables are loaded.
    Store.open(Map.fetch!(@commits, System.get_env("COMMIT", "transaction")))

    settings = %AgentKit.Session.Settings{store: Store, compute: AgentKit.LocalTools, restart: :temporary}

    children =
      [AgentKit.Observer, AgentKit.Heartbeat, AgentKit.HTTP.Pool, AgentKit.Vectors] ++
        AgentKit.Sessions.children(settings, partitions: @partitions) ++
        [{AgentKit.Front, port: port(), runtime: "beam-mnesia", version: version()}]

    Supervisor.start_link(children, strategy: :one_for_one)
  end

  # SIGTERM comes here by way of `init:stop/0`, before anything is taken down. Mnesia closes its log after that.
  @impl true
  def prep_stop(state) do
    AgentKit.Drain.start()
    AgentKit.Drain.wait(@drain_max_ms)
    state
  end

  defp port, do: "PORT_HTTP" |> System.fetch_env!() |> String.to_integer()

  defp version,
    do: "OTP #{System.otp_release()}, Mnesia #{:mnesia.system_info(:version)}, Elixir #{System.version()}"
end
