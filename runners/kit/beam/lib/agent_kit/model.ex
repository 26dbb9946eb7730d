defmodule AgentKit.Model do
  @moduledoc "The model client: one answer to a conversation, read as a stream, with the tries of the contract's table."
  alias AgentKit.{Completion, HTTP, JSON, Listener, Message}

  @more_tries 4
  @silence_max_ms 30_000
  @retry_after_max_ms 30_000
  @first_backoff_ms 500
  # The share of a wait that chance may take away.
  @jitter 0.25

  @typedoc "A code of the contract."
  @type failure_code :: String.t()

  @doc """
  Asks the model at MODEL_URL. `:failed` ends the turn for good.

  What it says is told to the listener as that of `step`, from 1.
  """
  @spec ask(Message.conversation(), Listener.t(), pos_integer) ::
          {:ok, text :: String.t(), [Message.call()]} | {:failed, failure_code, String.t()}
  def ask(conversation, listener \\ nil, step \\ 1) do
    messages = conversation |> Enum.reverse() |> Enum.intersperse(",")
    ask_again([~s({"model":"any","stream":true,"messages":[), messages, "]}"], listener, step, 0)
  end

  defp ask_again(body, listener, step, tries) do
    url = System.fetch_env!("MODEL_URL") <> "/chat/completions"
    new = Completion.new(listener, step)
    headers = [{"authorization", "Bearer any"}, {"accept", "text/event-stream"}]
    {answer, verdict} = judge(HTTP.post(url, headers, body, new, &Completion.take/2, within_ms: @silence_max_ms))

    case verdict do
      {:again, reason, wait_ms} ->
        if answer.heard?, do: Listener.tell(listener, {:restart, step})

        if tries == @more_tries do
          {:failed, "model_unavailable", "#{tries + 1} tries, the last: #{inspect(reason)}"}
        else
          Process.sleep(wait_ms || backoff_ms(tries))
          ask_again(body, listener, step, tries + 1)
        end

      ended ->
        ended
    end
  end

  defp judge({:error, reason, answer}), do: {answer, {:again, reason, nil}}
  defp judge({:ok, answer}), do: {answer, verdict(answer)}

  defp verdict(%{status: status} = answer) when status not in 200..299, do: refused(status, answer)
  defp verdict(%{broken: reason}) when reason != nil, do: {:again, reason, nil}
  defp verdict(%{finished?: false}), do: {:again, "the stream ended without a finish_reason", nil}
  defp verdict(answer), do: {:ok, Completion.text(answer), Completion.calls(answer)}

  defp refused(status, answer) when status == 429 or status >= 500,
    do: {:again, "status #{status}", retry_after_ms(List.keyfind(answer.headers, "retry-after", 0))}

  # Other refusals will not get better by asking again.
  defp refused(status, answer) do
    error =
      case JSON.decode(IO.iodata_to_binary(answer.body)) do
        {:ok, %{"error" => %{} = error}} -> error
        _ -> %{}
      end

    code = if error["code"] == "context_length_exceeded", do: "context_overflow", else: "model_refused"
    {:failed, code, "status #{status}: #{error["message"]}"}
  end

  defp backoff_ms(tries), do: round(@first_backoff_ms * 2 ** tries * (1 - :rand.uniform() * @jitter))

  # Retry-After is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
  defp retry_after_ms(nil), do: nil

  defp retry_after_ms({_, text}) do
    case Float.parse(text) do
      {seconds, ""} -> limited_ms(round(seconds * 1000))
      _ -> until_date_ms(:httpd_util.convert_request_date(to_charlist(text)))
    end
  end

  defp until_date_ms(:bad_date), do: nil

  defp until_date_ms(date) do
    at = date |> NaiveDateTime.from_erl!() |> DateTime.from_naive!("Etc/UTC")
    limited_ms(DateTime.diff(at, DateTime.utc_now(), :millisecond))
  end

  defp limited_ms(ms), do: ms |> max(0) |> min(@retry_after_max_ms)
end
