# What loading in init/1 costs: one process wakes 300 sessions one after the other, as the healer does at a start, until the last of
# them has loaded. In handle_continue/2 it goes on while they load; in init/1 it waits for each.
#
# It writes into a database, which should be one of its own:
#
#     DATABASE_URL=postgres://… MIX_HOME=.build/mix-home MIX_ENV=prod mix run --no-start benches/loading.exs

alias AgentKit.{LocalTools, Session, Sessions}
alias DerbyBeamDurable.{Postgres, Schema, Store}

sessions = for number <- 1..300, do: "loading-#{number}"
rounds = 9

loaded_ms = fn place ->
  settings = %Session.Settings{store: Store, journal: Store, compute: LocalTools, load_in: place, restart: :temporary}
  children = [Schema, {Postgres, connections: 16}] ++ Sessions.children(settings, partitions: 4)
  {:ok, supervisor} = Supervisor.start_link(children, strategy: :one_for_one)
  # Every connection is there before anything is measured.
  for number <- 1..200, do: {:ok, _} = Postgres.execute("connect-#{number}", :read, ["nobody"])

  {microseconds, :ok} =
    :timer.tc(fn ->
      Enum.each(sessions, &(:ok = Sessions.wake(&1)))

      # What is asked of a session's process is answered when it has loaded.
      Enum.each(sessions, fn session ->
        [{pid, _}] = Registry.lookup(Sessions.Registry, session)
        :sys.get_state(pid)
      end)
    end)

  Supervisor.stop(supervisor)
  microseconds / 1000
end

{:ok, _} = Application.ensure_all_started(:p1_pgsql)
Store.init()
# The first load of a session reads nothing, since it is new.
loaded_ms.(:continue)

measured = for _round <- 1..rounds, place <- [:continue, :init], do: {place, loaded_ms.(place)}

for place <- [:continue, :init] do
  sorted = for({^place, ms} <- measured, do: round(ms)) |> Enum.sort()
  [shortest, median, longest] = Enum.map([0, div(rounds, 2), rounds - 1], &Enum.at(sorted, &1))
  IO.puts("#{place}: #{median} ms in the median of #{rounds}, #{shortest} to #{longest}")
end
