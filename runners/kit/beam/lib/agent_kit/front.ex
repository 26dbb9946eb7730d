defmodule AgentKit.Front do
  @moduledoc """
  The HTTP front: speaks the contract's requests and statuses on mochiweb, a process per connection.

  It knows nothing of what a turn is. A broken client connection cancels nothing, since a turn is the session's.
  """
  alias AgentKit.{Drain, EventAnswer, JSON, Listener, Sessions}

  @id_max_length 64
  @body_max_bytes 1024 * 1024
  # After a restart every waiting client connects within one instant; what is above the backlog the kernel drops, and the
  # client's TCP tries again only after a whole second.
  @backlog 4096
  # mochiweb's own limit of 2,048 would leave later clients waiting in the backlog.
  @connections_max 65_536

  @doc "Listens at 127.0.0.1. Options: `:port`, and `:runtime` and `:version` for `/healthz`."
  def child_spec(options) do
    health = JSON.encode(%{runtime: options[:runtime], version: options[:version]})

    mochiweb = [
      name: :undefined,
      ip: {127, 0, 0, 1},
      port: options[:port],
      backlog: @backlog,
      max: @connections_max,
      nodelay: true,
      loop: &handle(&1, health)
    ]

    %{id: __MODULE__, start: {:mochiweb_http, :start_link, [mochiweb]}}
  end

  defp handle(request, health) do
    [path | _query] = request |> mochi(:raw_path) |> to_string() |> String.split("?")

    case {mochi(request, :method), path |> String.split("/") |> tl()} do
      {:GET, ["healthz"]} -> respond(request, if(Drain.draining?(), do: 503, else: 200), health)
      {:PUT, ["sessions", session, "turns", turn]} -> Drain.track(fn -> put(request, id(session), id(turn)) end)
      {:GET, ["sessions", session]} -> read(request, id(session))
      _ -> error(request, 404, "not found")
    end
  end

  # The body is read also where it is of no use, since the connection goes on.
  defp put(request, session, turn) do
    with {:ok, input} <- input(request), {:ok, session} <- session, {:ok, turn} <- turn do
      cond do
        Drain.draining?() -> busy(request)
        streams?(request) -> stream(request, session, turn, input)
        true -> plain(request, run(session, turn, input))
      end
    else
      {:error, why} -> error(request, 400, why)
    end
  end

  defp run(session, turn, input) do
    with {:ok, asked} <- Sessions.request_turn(session, turn, input, nil), do: await(asked)
  end

  defp await(asked) do
    receive do
      message -> with :no_reply <- Sessions.reply(message, asked), do: await(asked), else: ({:reply, reply} -> reply)
    end
  end

  defp stream(request, session, turn, input) do
    listener = Listener.open()

    try do
      with {:ok, asked} <- Sessions.request_turn(session, turn, input, listener),
           do: EventAnswer.follow(request, asked, listener),
           else: (error -> {:plain, error})
    after
      Listener.close(listener)
    end
    |> case do
      {:plain, reply} -> plain(request, reply)
      :sent -> :ok
    end
  end

  defp plain(request, {:ok, result}), do: respond(request, 200, result)
  defp plain(request, {:refused, status, why}), do: error(request, status, why)
  defp plain(request, {:error, reason}), do: error(request, 500, inspect(reason))

  defp read(request, {:error, why}), do: error(request, 400, why)

  defp read(request, {:ok, session}) do
    case if(Drain.draining?(), do: :busy, else: Sessions.read(session)) do
      {:ok, turns} ->
        respond(request, 200, [~s({"turns":[), turns |> Enum.map(&entry/1) |> Enum.intersperse(","), "]}"])

      :unknown ->
        error(request, 404, "not found")

      :busy ->
        busy(request)

      {:error, reason} ->
        error(request, 500, inspect(reason))
    end
  end

  # A result is a JSON object; the turn's own fields go in front of its own.
  defp entry({turn, {input, "{" <> result}}),
    do: [~s({"turn":), JSON.encode(turn), ~s(,"input":), JSON.encode(input), ",", result]

  defp id(segment) do
    id = URI.decode(segment)

    if String.valid?(id) and String.length(id) in 1..@id_max_length,
      do: {:ok, id},
      else: {:error, "an id has 1 to #{@id_max_length} characters"}
  end

  defp input(request) do
    case JSON.decode(:mochiweb_request.recv_body(@body_max_bytes, request)) do
      {:ok, %{"input" => input}} when is_binary(input) -> {:ok, input}
      {:ok, _} -> {:error, ~s(the body has no string "input")}
      {:error, why} -> {:error, why}
    end
  catch
    :exit, {:body_too_large, _} -> {:error, "a body has at most #{@body_max_bytes} bytes"}
  end

  defp streams?(request) do
    case :mochiweb_request.get_header_value(~c"accept", request) do
      :undefined -> false
      accept -> String.contains?(to_string(accept), "text/event-stream")
    end
  end

  defp busy(request),
    do: respond(request, 503, JSON.encode(%{error: "no turns are accepted now"}), [{"retry-after", "1"}])

  defp error(request, status, why), do: respond(request, status, JSON.encode(%{error: why}))

  defp respond(request, status, json, headers \\ []),
    do: :mochiweb_request.respond({status, [{"content-type", "application/json"} | headers], json}, request)

  defp mochi(request, what), do: :mochiweb_request.get(what, request)
end
