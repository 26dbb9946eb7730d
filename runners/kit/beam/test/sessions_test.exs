defmodule AgentKit.SessionsTest do
  use ExUnit.Case
  alias AgentKit.{LocalTools, Session, Sessions, Store}

  # Nobody listens there: a turn tries again for seconds, which is as long as it is needed.
  @nobody "http://127.0.0.1:1/v1"
  @ids for i <- 1..10, do: "session-#{i}"

  setup do
    System.put_env("MODEL_URL", @nobody)
    start_supervised!(AgentKit.HTTP.Pool)
    :ok
  end

  defp start(restart, options) do
    trap_exit = Keyword.get(options, :trap_exit, false)
    settings = %Session.Settings{store: Store.None, compute: LocalTools, restart: restart, trap_exit: trap_exit}
    for child <- Sessions.children(settings, options), do: start_supervised!(child)
  end

  defp ask(id, input \\ "hello") do
    {:ok, asked} = Sessions.request_turn(id, "1", input, nil)
    asked
  end

  defp pid(id) do
    [{pid, _}] = Registry.lookup(Sessions.Registry, id)
    pid
  end

  # Kills and waits for the reply that tells the client.
  defp crash(id, asked) do
    Process.exit(pid(id), :kill)
    assert_receive message, 1000
    assert {:reply, {:error, :killed}} = Sessions.reply(message, asked[id])
  end

  defp pids, do: Map.new(@ids, &{&1, pid(&1)})

  test "by OTP's defaults the fourth crash within five seconds takes all sessions down" do
    start(:permanent, [])
    asked = Map.new(@ids, &{&1, ask(&1)})
    before = pids()
    for id <- Enum.take(@ids, 3), do: crash(id, asked)
    bystanders = Enum.drop(@ids, 3)
    for id <- bystanders, do: assert(pid(id) == before[id])
    monitors = for id <- bystanders, do: Process.monitor(before[id])
    Process.exit(before[hd(bystanders)], :kill)
    for ref <- monitors, do: assert_receive({:DOWN, ^ref, :process, _, _}, 1000)
  end

  test "temporary sessions crash alone, however often" do
    start(:temporary, partitions: 2)
    asked = Map.new(@ids, &{&1, ask(&1)})
    before = pids()
    {crashed, bystanders} = Enum.split(@ids, 8)
    for id <- crashed, do: crash(id, asked)
    for id <- bystanders, do: assert(pid(id) == before[id])
  end

  defp crash_turn(id), do: Process.exit(:sys.get_state(pid(id)).running.task.pid, :bug)

  test "a crash in a turn ends its session" do
    start(:temporary, [])
    asked = ask("a")
    before = Process.monitor(pid("a"))
    crash_turn("a")
    assert_receive {:DOWN, ^before, :process, _, :bug}, 1000
    assert_receive message, 1000
    assert {:reply, {:error, :bug}} = Sessions.reply(message, asked)
  end

  test "a session that traps exits outlives a crash in its turn, and the next turn runs" do
    start(:temporary, trap_exit: true)
    asked = ask("a")
    {:ok, next} = Sessions.request_turn("a", "2", "hello", nil)
    before = pid("a")
    crash_turn("a")
    assert_receive message, 1000
    assert {:reply, {:error, :bug}} = Sessions.reply(message, asked)
    assert pid("a") == before
    crash_turn("a")
    assert_receive message, 1000
    assert {:reply, {:error, :bug}} = Sessions.reply(message, next)
  end

  test "a session that died is started by whoever asks first, and is empty" do
    start(:temporary, [])
    asked = %{"a" => ask("a")}
    crash("a", asked)
    assert {:ok, _} = Sessions.request_turn("a", "1", "another input", nil)
    assert Sessions.read("a") == {:ok, []}
  end

  test "a running turn is joined with the same input and refused with another, and reads do not wait for it" do
    start(:permanent, [])
    asked = ask("a")
    joined = ask("a")
    refused = ask("a", "another input")
    assert_receive message, 1000
    assert {:reply, {:refused, 409, _}} = Sessions.reply(message, refused)
    assert Sessions.read("a") == {:ok, []}
    Process.exit(pid("a"), :kill)
    for _ <- 1..2, do: assert_receive({:DOWN, _, :process, _, :killed}, 1000)
    assert asked != joined
  end

  test "nobody knows a session that was never asked for" do
    start(:permanent, [])
    assert Sessions.read("a") == :unknown
  end
end
