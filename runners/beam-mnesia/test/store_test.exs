defmodule DerbyBeamMnesia.StoreTest do
  use ExUnit.Case
  import DerbyBeamMnesia.Testing
  alias DerbyBeamMnesia.Store

  setup :mnesia_folder

  setup %{folder: folder} do
    start(folder)
    :ok
  end

  test "a session that nobody knows is empty" do
    assert Store.load("a") == AgentKit.Store.empty()
    refute Store.known?("a")
  end

  test "turns come back in the order in which they finished, also after Mnesia was stopped and started", %{
    folder: folder
  } do
    turns = for turn <- ["2", "10", "1"], do: finished(turn)
    for turn <- turns, do: assert(Store.commit("a", turn) == :ok)
    assert Store.commit("b", finished("1")) == :ok
    assert Store.load("a").finished == turns
    stop()
    start(folder)
    assert Store.load("a").finished == turns
    assert Store.known?("a")
  end

  test "a session whose id begins like another one's has its own turns" do
    :ok = Store.commit("a", finished("1"))
    :ok = Store.commit("ab", finished("1", "other"))
    assert [%{input: "hello"}] = Store.load("a").finished
    assert [%{input: "other"}] = Store.load("ab").finished
  end

  test "a turn that is there already is neither replaced nor doubled" do
    :ok = Store.commit("a", finished("1"))
    assert Store.commit("a", finished("1", "other")) == {:error, :already_there}
    assert Store.load("a").finished == [finished("1")]
    :ok = Store.commit("a", finished("2"))
    assert Enum.map(Store.load("a").finished, & &1.turn) == ["1", "2"]
  end

  test "what was last remembered is loaded, whatever else was committed" do
    :ok = Store.remember("a", :held, {1, 64})
    :ok = Store.remember("a", :crash_on_load, "{}")
    :ok = Store.commit("a", finished("1"))
    :ok = Store.remember("a", :held, {2, 128})
    assert %{held: {2, 128}, crash_on_load: "{}", finished: [_]} = Store.load("a")
  end

  test "who loads waits for a commit under way, and sessions do not wait for each other" do
    test = self()

    # Holds the session's row as a commit does.
    holder =
      Task.async(fn ->
        :mnesia.transaction(fn ->
          :mnesia.read(:session, "a", :write)
          send(test, :held)
          receive do: (:go -> :mnesia.abort(:no_matter))
        end)
      end)

    assert_receive :held, 1000
    loader = Task.async(fn -> Store.load("a") end)
    assert Store.commit("b", finished("1")) == :ok
    assert Task.yield(loader, 50) == nil
    send(holder.pid, :go)
    assert Task.await(loader) == AgentKit.Store.empty()
    assert Task.await(holder) == {:aborted, :no_matter}
  end
end
