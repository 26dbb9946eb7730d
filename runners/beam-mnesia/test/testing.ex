defmodule DerbyBeamMnesia.Testing do
  @moduledoc "Mnesia on a folder of its own, for tests, and for the VMs that they kill."
  alias DerbyBeamMnesia.Store

  @doc "A setup: a folder that is empty, and Mnesia stopped when the test has ended."
  def mnesia_folder(_context) do
    folder = Path.join(System.tmp_dir!(), "mnesia-#{System.pid()}-#{System.unique_integer([:positive])}")

    ExUnit.Callbacks.on_exit(fn ->
      stop()
      File.rm_rf!(folder)
    end)

    %{folder: folder}
  end

  def start(folder, commit \\ :transaction) do
    Application.put_env(:mnesia, :dir, to_charlist(folder))
    :ok = :mnesia.start()
    Store.open(commit)
  end

  def stop, do: :stopped = :mnesia.stop()

  @doc "A finished turn as the kit commits it."
  def finished(turn, input \\ "hello"),
    do: %{turn: turn, input: input, result: ~s({"output":"fine"}), messages: [~s({"role":"user"})]}
end
