defmodule AgentKit.CrashTest do
  use ExUnit.Case
  alias AgentKit.{Crash, LocalTools, Tools}

  # Answers one question for leave to crash.
  defp world_that_says(die) do
    {:ok, listener} = :gen_tcp.listen(0, [:binary, active: false, ip: {127, 0, 0, 1}, packet: :http_bin])
    {:ok, port} = :inet.port(listener)
    System.put_env("TOOLS_URL", "http://127.0.0.1:#{port}")
    body = ~s({"die":#{die}})

    start_supervised!({Task,
     fn ->
       {:ok, socket} = :gen_tcp.accept(listener)
       {:ok, {:http_request, :POST, {:abs_path, "/crash"}, _}} = :gen_tcp.recv(socket, 0, 1000)
       :gen_tcp.send(socket, "HTTP/1.1 200 OK\r\ncontent-length: #{byte_size(body)}\r\n\r\n#{body}")
       # Open until the test has ended.
       Process.sleep(:infinity)
     end})
  end

  defp crash(die) do
    Tools.run(%{name: "crash", arguments: "{}"}, %Tools.Context{
      session: "a",
      pid: self(),
      compute: LocalTools,
      die: die,
      hold: fn _, _ -> 0 end,
      crash_on_load: fn _ -> :ok end,
      run_child: fn _, _ -> {:error, "none"} end
    })
  end

  setup do
    start_supervised!(AgentKit.HTTP.Pool)
    :ok
  end

  test "a turn that is told to throw raises, and nothing turns that into a message for the model" do
    world_that_says(~s("throw"))
    assert_raise Crash, fn -> crash(&Crash.die/2) end
  end

  test "a runner's own way to die is told how, and of which session" do
    world_that_says(~s("unit"))
    test = self()
    assert crash(fn how, session -> send(test, {:died, how, session}) && :ok end) == "spared"
    assert_received {:died, :unit, ^test}
  end

  test "who is spared does not die" do
    world_that_says("false")
    assert crash(fn _, _ -> flunk("it died") end) == "spared"
  end
end
