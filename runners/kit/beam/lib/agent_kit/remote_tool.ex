defmodule AgentKit.RemoteTool do
  @moduledoc "One call of a remote tool at TOOLS_URL. Nothing is retried."
  alias AgentKit.HTTP

  @within_ms 30_000

  @doc "Posts the arguments byte for byte; the body of a 2xx answer is the result."
  @spec call(String.t(), String.t(), [{String.t(), String.t()}]) :: {:ok, binary} | {:error, String.t()}
  def call(name, arguments, headers \\ []) do
    url = System.fetch_env!("TOOLS_URL") <> "/" <> URI.encode(name, &URI.char_unreserved?/1)

    case HTTP.post(url, headers, arguments, {nil, []}, &collect/2, within_ms: @within_ms, limit: :whole) do
      {:ok, {status, body}} when status in 200..299 -> {:ok, IO.iodata_to_binary(body)}
      {:ok, {status, body}} -> {:error, "tool #{name} answered #{status}: #{String.slice("#{body}", 0, 200)}"}
      {:error, reason, _} -> {:error, "tool #{name}: #{inspect(reason)}"}
    end
  end

  defp collect({:head, status, _headers}, {_, body}), do: {:cont, {status, body}}
  defp collect({:data, data}, {status, body}), do: {:cont, {status, [body, data]}}
end
