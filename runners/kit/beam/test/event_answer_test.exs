defmodule AgentKit.EventAnswerTest do
  use ExUnit.Case, async: true
  alias AgentKit.{EventAnswer, Listener}

  defp joined(events) do
    for event <- EventAnswer.join(events) do
      with {:token, step, text} <- event, do: {:token, step, IO.iodata_to_binary(text)}
    end
  end

  test "what a slow client did not take yet is joined, step by step" do
    assert joined([{:token, 1, "a"}, {:token, 1, "b"}, {:token, 2, "c"}]) == [{:token, 1, "ab"}, {:token, 2, "c"}]
  end

  test "a restart makes what waits of its step superfluous" do
    assert joined([{:token, 1, "a"}, {:token, 2, "b"}, {:restart, 2}, {:token, 2, "c"}]) ==
             [{:token, 1, "a"}, {:restart, 2}, {:token, 2, "c"}]
  end

  test "what is told to a listener that closed disappears" do
    listener = Listener.open()
    Listener.tell(listener, {:token, 1, "a"})
    Listener.close(listener)
    Listener.tell(listener, {:token, 1, "b"})
    refute_received _
  end
end
