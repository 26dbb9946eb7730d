defmodule DerbyBeamNative.ComputeTest do
  use ExUnit.Case
  alias AgentKit.JSON
  alias DerbyBeamNative.{Dirty, Nif, Port, Programs, Work}

  @native_tools AgentKit.Compute.tools() -- ["churn_memory"]
  # Some 300 ms of work; the tests do not depend on how long exactly.
  @long_job %{"seed" => 1, "rounds" => 100_000_000}

  setup_all do
    {:ok, vectors} = JSON.decode(File.read!(Path.expand("../../vectors.json", __DIR__)))
    %{vectors: vectors}
  end

  setup do
    start_supervised!({Programs, 1})
    :ok
  end

  for compute <- [Nif, Dirty, Port], tool <- @native_tools do
    test "#{tool} comes to all known answers by #{inspect(compute)}", %{vectors: vectors} do
      for %{"arguments" => args, "result" => expected} <- vectors[unquote(tool)] do
        given =
          try do
            unquote(compute).run(unquote(tool), args)
          rescue
            _ in ArgumentError -> %{"error" => true}
          end

        assert given == expected, "#{inspect(args, limit: 5)} gives #{inspect(given)}"
      end
    end
  end

  # Beats of another process while one scheduler has a long job to do.
  defp beats_during(compute) do
    online = :erlang.system_flag(:schedulers_online, 1)
    on_exit(fn -> :erlang.system_flag(:schedulers_online, online) end)
    beats = :counters.new(1, [])
    start_supervised!({Task, fn -> beat(beats) end})
    before = :counters.get(beats, 1)
    compute.run("burn_cpu", @long_job)
    :counters.get(beats, 1) - before
  end

  defp beat(beats) do
    Process.sleep(1)
    :counters.add(beats, 1, 1)
    beat(beats)
  end

  test "while a NIF works on the only scheduler nobody else is run" do
    assert beats_during(Nif) <= 1
  end

  for compute <- [Dirty, Port] do
    test "while #{inspect(compute)} works the scheduler runs others" do
      assert beats_during(unquote(compute)) >= 10
    end
  end

  for compute <- [Nif, Dirty] do
    test "a panic in #{inspect(compute)} is an error of its caller alone" do
      raised = assert_raise ErlangError, fn -> Work.crash(:panic, &unquote(compute).native/1) end
      assert raised.original == :nif_panicked
      assert unquote(compute).run("burn_cpu", %{"seed" => 1, "rounds" => 1}) == "4c002381"
    end
  end

  test "an abort in a NIF ends the VM" do
    abort = "DerbyBeamNative.Library.run(<<5>>)"
    ebin = Application.app_dir(:derby_beam_native, "ebin")
    {_, status} = System.cmd("elixir", ["-pa", ebin, "-e", abort], stderr_to_stdout: true, cd: System.tmp_dir!())
    # SIGABRT.
    assert status == 128 + 6
  end
end
