defmodule AgentKit.Agent do
  @moduledoc "The generic agent: asks the model, runs the tools it names, and repeats until it answers without a tool call."
  alias AgentKit.{JSON, Listener, Message, Model, Tools}

  @max_steps 32

  @typedoc "How a turn ended: the body of its answer, and what it adds to the conversation, the newest first."
  @type ended :: {result :: binary, Message.conversation()}

  @doc "Runs a turn after the given conversation. It is left as it was; what is new is returned."
  @spec run(Message.conversation(), String.t(), Tools.Context.t(), Listener.t()) :: ended
  def run(conversation, input, context, listener) do
    step([Message.user(input)], conversation, context, listener, 1)
  end

  defp step(new, _before, _context, _listener, step) when step > @max_steps,
    do: failed(new, "too_many_steps", "no answer after #{@max_steps} steps")

  defp step(new, before, context, listener, step) do
    case Model.ask(new ++ before, listener, step) do
      {:ok, text, []} ->
        {JSON.encode(%{output: text}), [Message.assistant(text, []) | new]}

      {:ok, text, calls} ->
        results = Enum.zip_with(calls, run_tools(calls, context), &Message.tool/2)
        step(Enum.reverse(results, [Message.assistant(text, calls) | new]), before, context, listener, step + 1)

      {:failed, code, message} ->
        failed(new, code, message)
    end
  end

  # What a failed turn leaves is its input and nothing after it.
  defp failed(new, code, message) do
    {JSON.encode(%{failed: %{code: code, message: message}}), [List.last(new)]}
  end

  defp run_tools([call], context), do: [Tools.run(call, context)]

  # Linked to the turn: a crash in one of them is a crash of the turn.
  defp run_tools(calls, context) do
    calls |> Enum.map(&Task.async(fn -> Tools.run(&1, context) end)) |> Task.await_many(:infinity)
  end
end
