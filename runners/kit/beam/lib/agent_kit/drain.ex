defmodule AgentKit.Drain do
  @moduledoc """
  The end that lets running turns finish: from `start/0` on the front refuses, and `wait/1` waits for what it still answers.

  Call both in `prep_stop/1` of the application, which SIGTERM reaches by way of `init:stop/0`.
  """
  @key __MODULE__

  @doc "Called once, before the front starts."
  @spec init() :: :ok
  def init, do: :persistent_term.put(@key, :atomics.new(2, []))

  @doc "Runs a function whose end the drain waits for."
  @spec track((() -> result)) :: result when result: term
  def track(fun) do
    :atomics.add(counters(), 1, 1)

    try do
      fun.()
    after
      :atomics.sub(counters(), 1, 1)
    end
  end

  @spec draining?() :: boolean
  def draining?, do: :atomics.get(counters(), 2) == 1

  @spec start() :: :ok
  def start, do: :atomics.put(counters(), 2, 1)

  @doc "Waits until nothing is tracked any more, at most so many milliseconds."
  @spec wait(non_neg_integer) :: :ok
  def wait(at_most_ms) when at_most_ms <= 0, do: :ok

  def wait(at_most_ms) do
    if :atomics.get(counters(), 1) > 0 do
      Process.sleep(20)
      wait(at_most_ms - 20)
    else
      :ok
    end
  end

  defp counters, do: :persistent_term.get(@key)
end
