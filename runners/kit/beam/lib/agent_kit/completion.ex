defmodule AgentKit.Completion do
  @moduledoc "One streamed answer of the model as it grows: a reducer for `AgentKit.HTTP.post/6`."
  alias AgentKit.{EventSource, JSON, Listener}

  defstruct status: nil,
            headers: [],
            source: EventSource.new(),
            text: [],
            calls: %{},
            finished?: false,
            heard?: false,
            # Why the answer is of no use; its rest is not read.
            broken: nil,
            # Of an answer that is no stream of tokens.
            body: [],
            listener: nil,
            step: 1

  @type t :: %__MODULE__{}

  @spec new(Listener.t(), pos_integer) :: t
  def new(listener, step), do: %__MODULE__{listener: listener, step: step}

  @doc "Takes what the network brought."
  @spec take(AgentKit.HTTP.event(), t) :: {:cont | :halt, t}
  def take({:head, status, headers}, answer), do: {:cont, %{answer | status: status, headers: headers}}

  def take({:data, data}, %{status: status} = answer) when status not in 200..299,
    do: {:cont, %{answer | body: [answer.body, data]}}

  def take({:data, data}, answer) do
    {events, source} = EventSource.read(answer.source, data)
    answer = Enum.reduce(events, %{answer | source: source}, &take_event/2)
    {if(answer.broken, do: :halt, else: :cont), answer}
  end

  @doc "The text of the answer."
  @spec text(t) :: String.t()
  def text(answer), do: IO.iodata_to_binary(answer.text)

  @doc "The tool calls of the answer, in order."
  @spec calls(t) :: [AgentKit.Message.call()]
  def calls(answer) do
    for {_index, call} <- Enum.sort(answer.calls), do: %{call | arguments: IO.iodata_to_binary(call.arguments)}
  end

  defp take_event("[DONE]", answer), do: answer

  defp take_event(data, answer) do
    case JSON.decode(data) do
      {:ok, %{"error" => error}} when error != nil -> %{answer | broken: {:error_event, error}}
      {:ok, %{"choices" => [choice | _]}} -> choice(choice, answer)
      {:ok, _} -> answer
      {:error, reason} -> %{answer | broken: reason}
    end
  end

  defp choice(choice, answer) do
    delta = choice["delta"] || %{}
    answer = say(delta["content"], answer)
    calls = Enum.reduce(delta["tool_calls"] || [], answer.calls, &add_call/2)
    %{answer | calls: calls, finished?: answer.finished? or choice["finish_reason"] != nil}
  end

  defp say(text, answer) when text in [nil, ""], do: answer

  defp say(text, answer) do
    Listener.tell(answer.listener, {:token, answer.step, text})
    %{answer | text: [answer.text | text], heard?: true}
  end

  # A call comes in pieces that name it by index: first its id and name, then its arguments.
  defp add_call(%{"index" => index} = piece, calls) do
    function = piece["function"] || %{}
    call = Map.get(calls, index, %{id: "", name: "", arguments: []})

    Map.put(calls, index, %{
      id: piece["id"] || call.id,
      name: function["name"] || call.name,
      arguments: [call.arguments | function["arguments"] || ""]
    })
  end
end
