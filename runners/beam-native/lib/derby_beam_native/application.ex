defmodule DerbyBeamNative.Application do
  @moduledoc """
  Sessions as processes, in memory only, whose local tools compute in native code: the supervision tree.

  Everything is OTP's default unless the environment says otherwise.

  | variable     | means                                                                                       | default             |
  | ------------ | ------------------------------------------------------------------------------------------- | ------------------- |
  | `COMPUTE`    | where native code runs: `nif`, on the scheduler of the turn; `dirty`; `port`                  | `nif`               |
  | `PROGRAMS`   | programs behind ports, with `port`                                                           | one per scheduler   |
  | `CRASH`      | what a script's `throw` is: unset, an exception in Elixir; `panic` or `abort` of native code | unset               |
  | `RESTART`    | when a session that died is restarted                                                        | `permanent`         |
  | `PARTITIONS` | supervisors that share the sessions; unset: a plain one                                      | unset               |
  """
  use Application
  alias DerbyBeamNative.{Dirty, Nif, Port, Programs, Work}

  @drain_max_ms 10_000
  @computes %{"nif" => Nif, "dirty" => Dirty, "port" => Port}
  @bugs %{"panic" => :panic, "abort" => :abort}

  @impl true
  def start(_type, _args) do
    AgentKit.Drain.init()
    compute = Map.fetch!(@computes, System.get_env("COMPUTE", "nif"))

    settings = %AgentKit.Session.Settings{
      store: AgentKit.Store.None,
      compute: compute,
      die: die(System.get_env("CRASH"), &compute.native/1),
      restart: "RESTART" |> System.get_env("permanent") |> String.to_existing_atom()
    }

    children =
      [AgentKit.Observer, AgentKit.Heartbeat, AgentKit.HTTP.Pool] ++
        programs(compute) ++
        AgentKit.Sessions.children(settings, partitions: integer("PARTITIONS")) ++
        [{AgentKit.Front, port: integer("PORT_HTTP"), runtime: "beam-native", version: version()}]

    Supervisor.start_link(children, strategy: :one_for_one)
  end

  # SIGTERM comes here by way of `init:stop/0`, before anything is taken down.
  @impl true
  def prep_stop(state) do
    AgentKit.Drain.start()
    AgentKit.Drain.wait(@drain_max_ms)
    state
  end

  defp programs(Port), do: [{Programs, integer("PROGRAMS") || System.schedulers_online()}]
  defp programs(_), do: []

  defp die(nil, _native), do: &AgentKit.Crash.die/2

  defp die(name, native) do
    bug = Map.fetch!(@bugs, name)

    fn
      :throw, _session -> Work.crash(bug, native)
      how, session -> AgentKit.Crash.die(how, session)
    end
  end

  defp integer(name), do: with(text when text != nil <- System.get_env(name), do: String.to_integer(text))

  defp version, do: "OTP #{System.otp_release()}, Elixir #{System.version()}"
end
