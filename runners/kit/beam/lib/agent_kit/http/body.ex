defmodule AgentKit.HTTP.Body do
  @moduledoc """
  Finds the end of an HTTP/1.1 message body and takes the chunk framing off (RFC 9112, 6 and 7.1).

  A pure step: bytes in, data and what is left out. Bytes may be cut anywhere.
  """

  @typedoc "What comes next of the body."
  @type framing ::
          :until_closed
          | {:length, non_neg_integer}
          | :chunk_size
          | {:chunk, non_neg_integer}
          | :chunk_end
          | :trailer

  @doc "How the body of a response with this status and these headers (lower-case names) is framed."
  @spec framing(status :: pos_integer, [{String.t(), String.t()}]) :: framing
  def framing(204, _headers), do: {:length, 0}

  def framing(_status, headers) do
    case List.keyfind(headers, "transfer-encoding", 0) do
      {_, _} ->
        :chunk_size

      nil ->
        case List.keyfind(headers, "content-length", 0) do
          {_, length} -> {:length, String.to_integer(length)}
          nil -> :until_closed
        end
    end
  end

  @doc "Takes the data that is there. `:done` comes with what follows the body; `:malformed` is no HTTP."
  @spec take(framing, binary) :: {iodata, framing | :done | :malformed, binary}
  def take(framing, bytes), do: take(framing, bytes, [])

  defp take(:malformed, rest, data), do: {data, :malformed, rest}
  defp take(:until_closed, "", data), do: {data, :until_closed, ""}
  defp take(:until_closed, bytes, data), do: {[data, bytes], :until_closed, ""}
  defp take({:length, 0}, rest, data), do: {data, :done, rest}
  defp take({_, _} = framing, "", data), do: {data, framing, ""}

  defp take({kind, missing}, bytes, data) when byte_size(bytes) < missing,
    do: {[data, bytes], {kind, missing - byte_size(bytes)}, ""}

  defp take({kind, missing}, bytes, data) do
    <<piece::binary-size(missing), rest::binary>> = bytes
    take(if(kind == :length, do: {:length, 0}, else: :chunk_end), rest, [data, piece])
  end

  defp take(line, bytes, data) do
    case :binary.split(bytes, "\r\n") do
      [text, rest] -> take(after_line(line, text), rest, data)
      [_half] -> {data, line, bytes}
    end
  end

  defp after_line(:chunk_end, text), do: if(text == "", do: :chunk_size, else: :malformed)
  defp after_line(:trailer, ""), do: {:length, 0}
  defp after_line(:trailer, _field), do: :trailer

  defp after_line(:chunk_size, text) do
    case Integer.parse(text, 16) do
      {0, _extension} -> :trailer
      {size, _extension} when size > 0 -> {:chunk, size}
      _ -> :malformed
    end
  end
end
