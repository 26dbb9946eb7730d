defmodule AgentKit.HTTP do
  @moduledoc """
  An HTTP/1.1 client that works in its caller's process, as Mint does: `gen_tcp` in passive mode and the VM's own
  parser for the head. No process stands between the socket and who reads it; only idle connections have an owner.
  """
  alias AgentKit.HTTP.{Body, Pool}

  @connect_ms 30_000

  @typedoc "What a reducer is given: the head once, then data as it comes."
  @type event :: {:head, status :: pos_integer, [{String.t(), String.t()}]} | {:data, iodata}
  @type reducer(acc) :: (event, acc -> {:cont, acc} | {:halt, acc})

  @doc """
  Posts a body of JSON and reduces the response. `:halt` leaves the rest unread.

  `within_ms` limits the silence between two reads or, with `limit: :whole`, the time for all of it.
  """
  @spec post(String.t(), [{String.t(), iodata}], iodata, acc, reducer(acc), keyword) ::
          {:ok, acc} | {:error, reason :: term, acc}
        when acc: term
  def post(url, headers, body, acc, reducer, options) do
    uri = URI.parse(url)
    within_ms = Keyword.fetch!(options, :within_ms)
    limit = if options[:limit] == :whole, do: {:until, now_ms() + within_ms}, else: {:silence, within_ms}

    case send_request({uri.host, uri.port}, request(uri, headers, body)) do
      {:ok, socket} -> read_head(%{socket: socket, endpoint: {uri.host, uri.port}, limit: limit, fun: reducer}, acc, "")
      {:error, reason} -> {:error, reason, acc}
    end
  end

  defp request(uri, headers, body) do
    [
      ["POST ", uri.path, " HTTP/1.1\r\nhost: ", uri.host, ":", Integer.to_string(uri.port)],
      ["\r\ncontent-type: application/json\r\ncontent-length: ", Integer.to_string(IO.iodata_length(body))],
      for({name, value} <- headers, do: ["\r\n", name, ": ", value]),
      ["\r\n\r\n", body]
    ]
  end

  # A kept connection that turns out to be closed before anything was sent is no failure; the next one is taken.
  defp send_request(endpoint, request) do
    kept = Pool.checkout(endpoint)

    with {:ok, socket} <- if(kept, do: {:ok, kept}, else: connect(endpoint)) do
      case :gen_tcp.send(socket, request) do
        :ok -> {:ok, socket}
        {:error, _} when kept != nil -> send_request(endpoint, request)
        {:error, reason} -> {:error, reason}
      end
    end
  end

  # An address is not looked up: a look-up would start the resolver's helper, which is a process of the system.
  defp connect({host, port}) do
    host = to_charlist(host)
    address = with {:ok, ip} <- :inet.parse_address(host), do: ip, else: ({:error, :einval} -> host)
    :gen_tcp.connect(address, port, [:binary, active: false, nodelay: true], @connect_ms)
  end

  defp read_head(request, acc, bytes) do
    with {:ok, {:http_response, version, status, _}, rest} <- :erlang.decode_packet(:http_bin, bytes, []),
         {:ok, headers, rest} <- fields(rest, []) do
      keep? = version == {1, 1} and List.keyfind(headers, "connection", 0) != {"connection", "close"}
      request = Map.put(request, :keep?, keep?)
      reduce(request, {:head, status, headers}, acc, Body.framing(status, headers), rest)
    else
      {:more, _} -> receive_more(request, acc, &read_head(request, acc, bytes <> &1))
      other -> fail(request, {:malformed_response, other}, acc)
    end
  end

  defp fields(bytes, found) do
    case :erlang.decode_packet(:httph_bin, bytes, []) do
      {:ok, {:http_header, _, name, _, value}, rest} -> fields(rest, [{String.downcase("#{name}"), value} | found])
      {:ok, :http_eoh, rest} -> {:ok, found, rest}
      other -> other
    end
  end

  defp reduce(request, event, acc, framing, rest) do
    case request.fun.(event, acc) do
      {:cont, acc} -> read_body(request, acc, framing, rest)
      {:halt, acc} -> finish(%{request | keep?: false}, acc, rest)
    end
  end

  defp read_body(request, acc, :done, rest), do: finish(request, acc, rest)

  defp read_body(request, acc, :malformed, _rest), do: fail(request, :malformed_body, acc)

  defp read_body(request, acc, framing, bytes) do
    case Body.take(framing, bytes) do
      {[], ended, rest} when ended in [:done, :malformed] -> read_body(request, acc, ended, rest)
      {[], framing, rest} -> receive_more(request, acc, &read_body(request, acc, framing, rest <> &1), framing)
      {data, framing, rest} -> reduce(request, {:data, data}, acc, framing, rest)
    end
  end

  defp receive_more(request, acc, continue, framing \\ nil) do
    case :gen_tcp.recv(request.socket, 0, wait_ms(request.limit)) do
      {:ok, bytes} -> continue.(bytes)
      {:error, :closed} when framing == :until_closed -> {:ok, acc}
      {:error, reason} -> fail(request, reason, acc)
    end
  end

  defp finish(%{keep?: true} = request, acc, "") do
    Pool.checkin(request.endpoint, request.socket)
    {:ok, acc}
  end

  defp finish(request, acc, _rest) do
    :gen_tcp.close(request.socket)
    {:ok, acc}
  end

  defp fail(request, reason, acc) do
    :gen_tcp.close(request.socket)
    {:error, reason, acc}
  end

  defp wait_ms({:silence, ms}), do: ms
  defp wait_ms({:until, at_ms}), do: max(0, at_ms - now_ms())

  defp now_ms, do: System.monotonic_time(:millisecond)
end
