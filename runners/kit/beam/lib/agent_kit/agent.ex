defmodule AgentKit.Agent do
  @moduledoc "The generic agent: asks the model, runs the tools it names, and repeats until it answers without a tool call."
  alias AgentKit.{JSON, Journal, Listener, Message, Model, Tools}

  @max_steps 32

  @typedoc "How a turn ended: the body of its answer, and what it adds to the conversation, the newest first."
  @type ended :: {result :: binary, Message.conversation()}

  @typedoc "What a turn is run with: the conversation before it, which is left as it was, and how its messages are kept."
  @type turn :: %{
          before: Message.conversation(),
          context: Tools.Context.t(),
          listener: Listener.t(),
          keep: Journal.keep()
        }

  @doc "Runs a turn. What it adds to the conversation is returned."
  @spec run(turn, String.t()) :: ended
  def run(turn, input), do: [] |> add([Message.user(input)], turn) |> ask(turn, 1)

  @doc "Goes on with a turn that was interrupted. What it added is not done again; what follows from it is."
  @spec resume(turn, Journal.open()) :: ended
  def resume(_turn, %{give_up: why, messages: new}) when why != nil, do: failed(new, "gave_up", why)

  def resume(turn, %{messages: [newest | _] = new, age_ms: age_ms}) do
    step = Enum.count(new, &Message.assistant?/1)

    case Message.calls(newest) do
      [] -> ask(new, turn, step + 1)
      calls -> use_tools(new, calls, turn, step, age_ms)
    end
  end

  defp ask(new, _turn, step) when step > @max_steps,
    do: failed(new, "too_many_steps", "no answer after #{@max_steps} steps")

  defp ask(new, turn, step) do
    case Model.ask(new ++ turn.before, turn.listener, step) do
      {:ok, text, []} ->
        {JSON.encode(%{output: text}), [Message.assistant(text, []) | new]}

      {:ok, text, calls} ->
        new |> add([Message.assistant(text, calls)], turn) |> use_tools(calls, turn, step, 0)

      {:failed, code, message} ->
        failed(new, code, message)
    end
  end

  defp use_tools(new, calls, turn, step, age_ms) do
    context = %{turn.context | age_ms: age_ms}
    results = Enum.zip_with(calls, run_tools(calls, context, step), &Message.tool/2)
    new |> add(Enum.reverse(results), turn) |> ask(turn, step + 1)
  end

  # All lists of messages have the newest first.
  defp add(new, added, turn) do
    new = added ++ new
    turn.keep.(new, length(added))
    new
  end

  # What a failed turn leaves is its input and nothing after it.
  defp failed(new, code, message) do
    {JSON.encode(%{failed: %{code: code, message: message}}), [List.last(new)]}
  end

  defp run_tools([call], context, step), do: [Tools.run(call, Tools.Context.at(context, step, 0))]

  # Linked to the turn: a crash in one of them is a crash of the turn.
  defp run_tools(calls, context, step) do
    calls
    |> Enum.with_index()
    |> Enum.map(fn {call, index} -> Task.async(fn -> Tools.run(call, Tools.Context.at(context, step, index)) end) end)
    |> Task.await_many(:infinity)
  end
end
