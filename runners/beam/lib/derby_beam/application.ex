defmodule DerbyBeam.Application do
  @moduledoc """
  Sessions as processes, in memory only: the supervision tree.

  Everything is OTP's default unless the environment says otherwise: one `DynamicSupervisor`, at most 3 restarts in 5 s,
  sessions that are always restarted. Then it takes all sessions down with it, and this tree starts it anew, at most 3
  times in 5 s; after that the application, and with it the VM, ends.

  | variable      | means                                                      | default     |
  | ------------- | ---------------------------------------------------------- | ----------- |
  | `RESTART`     | when a session that died is restarted                      | `permanent` |
  | `MAX_RESTARTS`| restarts within `MAX_SECONDS` that a supervisor stands     | 3           |
  | `MAX_SECONDS` | seconds                                                    | 5           |
  | `TRAP_EXIT`   | `true`: a session outlives a crash in its turn             | `false`     |
  | `PARTITIONS`  | supervisors that share the sessions; unset: a plain one    | unset       |
  """
  use Application

  @drain_max_ms 10_000

  @impl true
  def start(_type, _args) do
    AgentKit.Drain.init()

    settings = %AgentKit.Session.Settings{
      store: AgentKit.Store.None,
      compute: AgentKit.LocalTools,
      restart: "RESTART" |> System.get_env("permanent") |> String.to_existing_atom(),
      trap_exit: System.get_env("TRAP_EXIT") == "true"
    }

    children =
      [AgentKit.Observer, AgentKit.Heartbeat, AgentKit.HTTP.Pool, AgentKit.Vectors] ++
        AgentKit.Sessions.children(settings, supervision()) ++
        [{AgentKit.Front, port: integer("PORT_HTTP"), runtime: "beam", version: version()}]

    Supervisor.start_link(children, strategy: :one_for_one)
  end

  # SIGTERM comes here by way of `init:stop/0`, before anything is taken down.
  @impl true
  def prep_stop(state) do
    AgentKit.Drain.start()
    AgentKit.Drain.wait(@drain_max_ms)
    state
  end

  defp supervision do
    limits = [max_restarts: integer("MAX_RESTARTS"), max_seconds: integer("MAX_SECONDS")]
    [partitions: integer("PARTITIONS"), supervisor: Enum.reject(limits, &match?({_, nil}, &1))]
  end

  defp integer(name), do: with(text when text != nil <- System.get_env(name), do: String.to_integer(text))

  defp version, do: "OTP #{System.otp_release()}, Elixir #{System.version()}"
end
