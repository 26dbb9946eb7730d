defmodule AgentKit.CutAnywhereTest do
  use ExUnit.Case, async: true
  alias AgentKit.{EventSource, HTTP.Body}

  @events "event: x\r\ndata: {\"a\":\"Zoë 字 🐎\"}\r\n\r\n: note\n\ndata:one\ndata: two\n\nid: 7\n\ndata: [DONE]\n\n"
  @data [~s({"a":"Zoë 字 🐎"}), "one\ntwo", "[DONE]"]

  # Both halves of every cut, and byte by byte.
  defp cuts(bytes) do
    for(at <- 0..byte_size(bytes), do: Tuple.to_list({binary_part(bytes, 0, at), binary_slice(bytes, at..-1//1)})) ++
      [for(<<byte <- bytes>>, do: <<byte>>)]
  end

  test "events are the same wherever their bytes are cut" do
    for pieces <- cuts(@events) do
      {found, _} = Enum.flat_map_reduce(pieces, EventSource.new(), &EventSource.read(&2, &1))
      assert found == @data
    end
  end

  defp body(framing, pieces) do
    Enum.reduce(pieces, {"", framing, ""}, fn piece, {data, framing, rest} ->
      {more, framing, rest} = Body.take(framing, rest <> piece)
      {data <> IO.iodata_to_binary(more), framing, rest}
    end)
  end

  test "a chunked body is the same wherever its bytes are cut, extensions and trailers left out" do
    for pieces <- cuts("5\r\nhello\r\nD;x=y\r\n, wörld: 字\r\n0\r\nx: y\r\n\r\n") do
      assert body(:chunk_size, pieces) == {"hello, wörld: 字", :done, ""}
    end
  end

  test "a body of known length ends there, and what follows is left" do
    for pieces <- cuts("hello") do
      assert body({:length, 5}, pieces) == {"hello", :done, ""}
    end

    assert {"hell", :done, "o"} = body({:length, 4}, ["hello"])
    assert {"", :done, "x"} = body({:length, 0}, ["x"])
  end

  test "chunks that are none are malformed" do
    assert {_, :malformed, _} = body(:chunk_size, ["hello\r\n"])
    assert {_, :malformed, _} = body(:chunk_size, ["-1\r\n"])
    assert {_, :malformed, _} = body(:chunk_size, ["1\r\nab\r\n"])
  end
end
