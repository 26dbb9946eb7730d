defmodule DerbyBeamDurable.Application do
  @moduledoc """
  Sessions as processes over a journal in Postgres: the supervision tree.

  The tables exist before the front listens; what an earlier start left is taken up while turns are accepted.

  | variable      | means                                                                | default     |
  | ------------- | -------------------------------------------------------------------- | ----------- |
  | `LOAD_IN`     | where a session is loaded: `continue` (`handle_continue`) or `init`  | `continue`  |
  | `RESTART`     | when its supervisor restarts a session that died                     | `temporary` |
  | `PARTITIONS`  | supervisors that share the sessions                                  | 4           |
  | `CONNECTIONS` | connections to Postgres                                              | 16          |
  """
  use Application
  alias AgentKit.{Drain, Front, Heartbeat, HTTP, LocalTools, Observer, Session, Sessions, Vectors}
  alias DerbyBeamDurable.{Healer, Postgres, Schema, Store}

  @drain_max_ms 10_000

  @impl true
  def start(_type, _args) do
    Drain.init()
    Store.init()

    settings = %Session.Settings{
      store: Store,
      journal: Store,
      compute: LocalTools,
      load_in: choice("LOAD_IN", "continue"),
      restart: choice("RESTART", "temporary")
    }

    children =
      [Observer, Heartbeat, HTTP.Pool, Vectors, Schema, {Postgres, connections: integer("CONNECTIONS", 16)}] ++
        Sessions.children(settings, partitions: integer("PARTITIONS", 4)) ++
        [Healer, {Front, port: integer("PORT_HTTP", 0), runtime: "beam-durable", version: version()}]

    Supervisor.start_link(children, strategy: :one_for_one)
  end

  # SIGTERM comes here by way of `init:stop/0`, before anything is taken down.
  @impl true
  def prep_stop(state) do
    Drain.start()
    Drain.wait(@drain_max_ms)
    state
  end

  defp choice(name, default), do: name |> System.get_env(default) |> String.to_existing_atom()
  defp integer(name, default), do: name |> System.get_env("#{default}") |> String.to_integer()
  defp version, do: "OTP #{System.otp_release()}, Elixir #{System.version()}"
end
