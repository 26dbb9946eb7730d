defmodule AgentKit.Message do
  @moduledoc """
  Messages of a conversation, in the shape of Chat Completions.

  A message is kept as its JSON text: every request carries the whole conversation, so each is encoded once and sent
  many times, and texts of this kind are shared between processes, never copied. A conversation is a list of them, the
  newest first.
  """
  alias AgentKit.JSON

  @typedoc "The JSON text of one message."
  @type t :: binary
  @type conversation :: [t]
  @typedoc "A tool call as the model wrote it. `arguments` is JSON text and may be malformed: models make mistakes."
  @type call :: %{id: String.t(), name: String.t(), arguments: String.t()}

  @spec user(String.t()) :: t
  def user(input), do: JSON.encode(%{role: "user", content: input})

  @doc "What the model said. Beside calls, saying nothing is null."
  @spec assistant(String.t(), [call]) :: t
  def assistant(text, []), do: JSON.encode(%{role: "assistant", content: text})

  def assistant(text, calls) do
    tool_calls =
      for %{id: id, name: name, arguments: arguments} <- calls,
          do: %{id: id, type: "function", function: %{name: name, arguments: arguments}}

    JSON.encode(%{role: "assistant", content: if(text != "", do: text), tool_calls: tool_calls})
  end

  @doc "The calls that a message of the model names; of any other message none."
  @spec calls(t) :: [call]
  def calls(message) do
    case JSON.decode(message) do
      {:ok, %{"tool_calls" => calls}} ->
        for %{"id" => id, "function" => %{"name" => name, "arguments" => arguments}} <- calls,
            do: %{id: id, name: name, arguments: arguments}

      {:ok, _} ->
        []
    end
  end

  @doc "Whether the model said it."
  @spec assistant?(t) :: boolean
  def assistant?(message), do: match?({:ok, %{"role" => "assistant"}}, JSON.decode(message))

  @doc "The text of a message; nil where it has none."
  @spec content(t) :: String.t() | nil
  def content(message) do
    {:ok, %{"content" => text}} = JSON.decode(message)
    text
  end

  @spec tool(call, String.t()) :: t
  def tool(%{id: id}, text), do: JSON.encode(%{role: "tool", tool_call_id: id, content: text})
end
