defmodule AgentKit.EventAnswer do
  @moduledoc """
  A turn as its client sees it who reads along: `token` events while the model speaks, then one `result`.

  Nothing is sent before the first token, so that whatever goes wrong until then keeps its plain status. While a slow
  client is written to, events wait in this process's mailbox and are joined; the turn never waits.
  """
  alias AgentKit.{JSON, Listener, Sessions}

  @headers [{"content-type", "text/event-stream"}, {"cache-control", "no-cache"}]

  @doc """
  Waits for the reply to a turn and passes on what the listener hears.

  Returns `{:plain, reply}` where nothing was sent and a plain answer is to be given, else `:sent`.
  """
  @spec follow(term, Sessions.request(), Listener.t()) :: {:plain, AgentKit.Session.reply()} | :sent
  def follow(mochi, turn, listener), do: wait(%{mochi: mochi, turn: turn, listener: listener, response: nil})

  defp wait(%{listener: listener} = stream) do
    receive do
      {^listener, event} ->
        stream |> write([event | Listener.take_all(listener)] |> join() |> Enum.map(&frame/1)) |> wait()

      message ->
        case Sessions.reply(message, stream.turn) do
          {:reply, reply} -> conclude(stream, reply)
          :no_reply -> wait(stream)
        end
    end
  end

  defp conclude(stream, {:ok, result}), do: finish(stream, frame("result", result))
  defp conclude(%{response: nil}, reply), do: {:plain, reply}
  defp conclude(stream, {_, reason}), do: finish(stream, frame("error", JSON.encode(%{error: inspect(reason)})))

  defp finish(stream, frame) do
    # The turn has ended: what it told is in the mailbox.
    rest = stream.listener |> Listener.take_all() |> join() |> Enum.map(&frame/1)
    stream |> write([rest, frame]) |> write("")
    :sent
  end

  # Once the client is gone nothing is written any more; its turn goes on.
  defp write(%{response: :gone} = stream, _frames), do: stream

  defp write(stream, frames) do
    response = stream.response || :mochiweb_request.respond({200, @headers, :chunked}, stream.mochi)
    :mochiweb_response.write_chunk(frames, response)
    %{stream | response: response}
  catch
    # So mochiweb says that a socket is closed.
    :exit, {:shutdown, _} -> %{stream | response: :gone}
  end

  @doc "Joins neighbouring tokens of a step; a restart makes those of its step before it superfluous."
  @spec join([Listener.event()]) :: [{:token, pos_integer, iodata} | {:restart, pos_integer}]
  def join(events) do
    events
    |> Enum.reduce([], fn
      {:token, step, text}, [{:token, step, before} | joined] -> [{:token, step, [before | text]} | joined]
      {:restart, step}, joined -> [{:restart, step} | Enum.reject(joined, &(elem(&1, 1) == step))]
      event, joined -> [event | joined]
    end)
    |> Enum.reverse()
  end

  defp frame({:token, step, text}),
    do: frame("token", JSON.encode(%{step: step, text: IO.iodata_to_binary(text)}))

  defp frame({:restart, step}), do: frame("restart", JSON.encode(%{step: step}))
  defp frame(event, data), do: ["event: ", event, "\ndata: ", data, "\n\n"]
end
