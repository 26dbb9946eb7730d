defmodule DerbyBeamNative.ProgramsTest do
  use ExUnit.Case
  alias DerbyBeamNative.{Port, Programs, Work}

  @short %{"seed" => 1, "rounds" => 1}
  @short_result "4c002381"
  # Far longer than any test waits.
  @endless %{"seed" => 1, "rounds" => 0x1FFFFFFFFFFFFF}

  setup context do
    start_supervised!({Programs, context[:programs] || 1})
    :ok
  end

  defp run(args), do: Task.async(fn -> attempt(args) end)

  defp attempt(args) do
    {:ok, Port.run("burn_cpu", args)}
  rescue
    error in ArgumentError -> {:error, Exception.message(error)}
  end

  # The programs that work, as process ids of the system. Asking comes after the calls that were sent before.
  defp busy(count) do
    state = :sys.get_state(Programs)
    if map_size(state.busy) == count, do: Enum.map(Map.keys(state.busy), &os_pid/1), else: busy(count)
  end

  defp os_pid(port) do
    {:os_pid, pid} = :erlang.port_info(port, :os_pid)
    pid
  end

  defp kill(pid), do: {_, 0} = System.cmd("kill", ["-KILL", "#{pid}"])

  test "a program that is killed costs the call that it was working for, and the next one works" do
    call = run(@endless)
    [pid] = busy(1)
    kill(pid)
    assert Task.await(call) == {:error, "the native program died"}
    assert attempt(@short) == {:ok, @short_result}
  end

  test "calls that wait in line are not lost with the program" do
    call = run(@endless)
    [pid] = busy(1)
    waiting = run(@short)
    kill(pid)
    assert {:error, _} = Task.await(call)
    assert Task.await(waiting) == {:ok, @short_result}
  end

  @tag programs: 2
  test "other programs go on when one is killed" do
    first = run(@endless)
    [killed] = busy(1)
    second = run(@endless)
    [spared] = busy(2) -- [killed]
    kill(killed)
    assert {:error, _} = Task.await(first)
    assert attempt(@short) == {:ok, @short_result}
    assert Task.yield(second, 0) == nil
    kill(spared)
    assert {:error, _} = Task.await(second)
  end

  test "a program that is killed while it is idle costs nothing" do
    [port] = :sys.get_state(Programs).idle
    monitor = :erlang.monitor(:port, port)
    kill(os_pid(port))
    assert_receive {:DOWN, ^monitor, :port, _, _}, 1000
    assert attempt(@short) == {:ok, @short_result}
  end

  for bug <- [:panic, :abort] do
    test "#{bug} ends the program and raises in its caller, and the next call works" do
      assert_raise AgentKit.Crash, "the native program died", fn -> Work.crash(unquote(bug), &Port.native/1) end
      assert attempt(@short) == {:ok, @short_result}
    end
  end

  test "a program ends with its owner, in the midst of a job" do
    spawn(fn -> attempt(@endless) end)
    [pid] = busy(1)
    stop_supervised!(Programs)
    assert gone?(pid, System.monotonic_time(:millisecond) + 5_000)
  end

  defp gone?(pid, until_ms) do
    not File.exists?("/proc/#{pid}/stat") or
      (System.monotonic_time(:millisecond) < until_ms and gone?(pid, until_ms))
  end
end
