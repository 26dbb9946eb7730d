defmodule AgentKit.Heartbeat do
  @moduledoc """
  Writes the instant into the named pipe `DERBY_OBSERVE.beat` every 10 ms, from an ordinary process: when it is silent,
  no ordinary process was run. Its reader finds the silences.
  """
  use Task, restart: :temporary

  @every_ms 10

  @doc false
  def start_link(_) do
    case System.get_env("DERBY_OBSERVE") do
      prefix when prefix in [nil, ""] -> :ignore
      prefix -> Task.start_link(__MODULE__, :run, [prefix])
    end
  end

  @doc false
  # The one process of a start that creates the file beats. A named pipe is no regular file, hence the third option; with
  # `:read` opening does not wait for a reader. The write happens on a thread for blocking calls.
  def run(prefix) do
    with {:ok, created} <- :file.open(prefix <> ".beating", [:write, :exclusive, :raw]),
         :ok <- :file.close(created),
         {:ok, pipe} <- :file.open(prefix <> ".beat", [:raw, :read, :write, :skip_type_check]),
         do: beat(pipe, System.monotonic_time(:millisecond))
  end

  # By the clock and not from beat to beat, or each would come a little later than due. What was missed is not made up for.
  defp beat(pipe, due_ms) do
    with :ok <- :file.write(pipe, <<AgentKit.Observer.now_ms()::float-little-64>>) do
      now_ms = System.monotonic_time(:millisecond)
      next_ms = due_ms + @every_ms * max(1, ceil((now_ms - due_ms) / @every_ms))
      Process.send_after(self(), :beat, next_ms, abs: true)

      receive do
        :beat -> beat(pipe, next_ms)
      end
    end
  end
end
