defmodule AgentKit.Tools do
  @moduledoc """
  Runs one tool call of the model: the eight local tools by name, every other name remotely.

  A tool that goes wrong is something the model should hear of, not an error of the turn: the result is then
  `{"error": …}`. Only a crash that the script asked for gets out of here.
  """
  alias AgentKit.{Compute, Crash, JSON, LocalTools, Message, RemoteTool, Word32}

  @computed Compute.tools()

  defmodule Context do
    @moduledoc "What a session tells with each call."
    @enforce_keys [:session, :pid, :compute, :die, :hold, :crash_on_load, :run_child]
    defstruct @enforce_keys ++ [headers: [], turn_key: nil, age_ms: 0]

    @type t :: %__MODULE__{
            session: String.t(),
            # The session's process.
            pid: pid,
            # An `AgentKit.Compute`.
            compute: module,
            # Dies, when the script says so: `AgentKit.Crash.die/2`, or another way.
            die: (Crash.how(), session :: pid -> :ok),
            # Lets the session hold what `hold_memory` holds; returns the number of objects.
            hold: (seed :: non_neg_integer, bytes :: non_neg_integer -> non_neg_integer),
            # Keeps the arguments of a crash for the session's load hook.
            crash_on_load: (String.t() -> :ok),
            # Runs turn "1" of a child session.
            run_child: (session :: String.t(), input :: String.t() -> {:ok, result :: binary} | {:error, String.t()}),
            # Sent with remote calls: `idempotency-key`, `fence`.
            headers: [{String.t(), String.t()}],
            # Names the turn among all turns; nil where calls have no keys.
            turn_key: String.t() | nil,
            # How long ago the model asked for the call, in milliseconds, where a turn was interrupted meanwhile.
            age_ms: non_neg_integer
          }

    @doc """
    The context of the call with this index, from 0, in this step, from 1. Its key is made of positions, never of the
    call's id: an answer that is bought again has other ids.
    """
    @spec at(t, pos_integer, non_neg_integer) :: t
    def at(%{turn_key: nil} = context, _step, _index), do: context

    def at(context, step, index) do
      %{context | headers: [{"idempotency-key", "#{context.turn_key}/#{step}/#{index}"} | context.headers]}
    end
  end

  @doc "Runs the call and returns the text of its tool message."
  @spec run(Message.call(), Context.t()) :: String.t()
  def run(%{name: name, arguments: text}, context) do
    case attempt(name, text, context) do
      {:die, how} ->
        context.die.(how, context.pid)
        "spared"

      {:ok, result} ->
        result

      {:error, message} ->
        JSON.encode(%{error: message})
    end
  end

  defp attempt(name, text, context) do
    case JSON.decode(text) do
      {:ok, %{} = args} -> call(name, args, text, context)
      {:ok, _} -> {:error, "the arguments are no JSON object"}
      {:error, reason} -> {:error, reason}
    end
  rescue
    error -> {:error, Exception.message(error)}
  end

  defp call(name, args, _text, context) when name in @computed, do: {:ok, context.compute.run(name, args)}

  defp call("hold_memory", args, _text, context) do
    count = context.hold.(LocalTools.integer!(args, "seed"), LocalTools.integer!(args, "bytes"))
    {:ok, "held_#{count}"}
  end

  # One that was interrupted ends when it would have ended.
  defp call("sleep", args, _text, context) do
    Process.sleep(max(0, LocalTools.integer!(args, "ms") - context.age_ms))
    {:ok, "slept"}
  end

  defp call("crash", %{"when" => "load"}, text, context) do
    context.crash_on_load.(text)
    {:ok, "spared"}
  end

  defp call("crash", _args, text, _context) do
    case Crash.leave(text) do
      false -> {:ok, "spared"}
      how -> {:die, how}
    end
  end

  defp call("spawn_agents", args, _text, context), do: spawn_agents(args["children"], context)

  defp call(name, _args, text, context), do: RemoteTool.call(name, text, context.headers)

  defp spawn_agents(children, context) do
    unless is_list(children) and
             Enum.all?(children, &match?(%{"session" => <<_, _::binary>>, "input" => <<_::binary>>}, &1)) do
      raise ArgumentError, ~s("children" must be [{session, input}])
    end

    # The child would wait for the turn that waits for it.
    if Enum.any?(children, &(&1["session"] == context.session)),
      do: raise(ArgumentError, "a session cannot be its own child")

    outputs =
      children
      |> Enum.map(fn child -> Task.async(fn -> context.run_child.(child["session"], child["input"]) end) end)
      |> Task.await_many(:infinity)
      |> Enum.map(&output!/1)

    {:ok, "joined_#{length(outputs)}_#{Word32.hex8(Word32.fnv1a(Enum.join(outputs, "\n")))}"}
  end

  defp output!({:ok, result}) do
    case JSON.decode(result) do
      {:ok, %{"output" => output}} -> output
      {:ok, %{"failed" => %{"message" => message}}} -> raise "a child failed: #{message}"
    end
  end

  defp output!({:error, reason}), do: raise("nobody knows how a child stands: #{reason}")
end
