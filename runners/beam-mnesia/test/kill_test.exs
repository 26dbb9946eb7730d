defmodule DerbyBeamMnesia.KillTest do
  @moduledoc "What is left of committed turns after kill -9 of the VM that committed them, by the way of committing."
  use ExUnit.Case
  import DerbyBeamMnesia.Testing
  alias DerbyBeamMnesia.Store

  setup :mnesia_folder

  # Another VM commits these turns one after the other, and kills itself when the last commit has returned.
  defp commit_and_die(folder, commit, turns) do
    script = """
    import DerbyBeamMnesia.Testing
    start(#{inspect(folder)}, #{inspect(commit)})
    for turn <- #{inspect(turns)}, do: :ok = DerbyBeamMnesia.Store.commit("a", finished(turn))
    System.cmd("kill", ["-9", System.pid()])
    Process.sleep(:infinity)
    """

    code = Path.join(Mix.Project.build_path(), "lib/*/ebin")
    testing = Path.expand("testing.ex", __DIR__)
    {_, status} = System.cmd("elixir", ["-pa", code, "-r", testing, "-e", script], stderr_to_stdout: true)
    # A shell or Erlang's own starter may stand in between: 128 + SIGKILL.
    assert status in [9, 137]
  end

  defp left(folder) do
    start(folder)
    Enum.map(Store.load("a").finished, & &1.turn)
  end

  test "with sync_log every committed turn is there", %{folder: folder} do
    commit_and_die(folder, :sync_log, ["1", "2", "3"])
    assert left(folder) == ["1", "2", "3"]
  end

  for commit <- [:transaction, :sync_transaction] do
    test "with #{commit} the last ones are gone, although their commits had returned", %{folder: folder} do
      commit_and_die(folder, unquote(commit), ["1", "2", "3"])
      assert left(folder) == []
    end
  end

  test "a log that was torn in its last record is repaired; all before that record is there", %{folder: folder} do
    commit_and_die(folder, :sync_log, ["1", "2", "3"])
    log = Path.join(folder, "LATEST.LOG")
    whole = File.read!(log)
    File.write!(log, binary_part(whole, 0, byte_size(whole) - 7))
    assert left(folder) == ["1", "2"]
  end
end
