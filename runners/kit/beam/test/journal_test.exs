defmodule AgentKit.JournalTest do
  use ExUnit.Case
  alias AgentKit.{JSON, LocalTools, Message, Session, Sessions, Store}

  defmodule Told do
    @moduledoc "A store and journal that tells the test what it is asked to keep, and loads what the test wants."
    @behaviour Store
    @behaviour AgentKit.Journal

    def begin(saved, advanced \\ :ok), do: :persistent_term.put(__MODULE__, {self(), saved, advanced})

    @impl Store
    def load(_session) do
      {_test, saved, _advanced} = :persistent_term.get(__MODULE__)
      Map.merge(Store.empty(), saved)
    end

    @impl Store
    def commit(session, finished), do: tell({:commit, session, finished})

    @impl Store
    def remember(_session, _what, _value), do: :ok

    @impl Store
    def known?(_session), do: true

    @impl AgentKit.Journal
    def advance(_session, entry) do
      tell({:advance, entry})
      {_test, _saved, advanced} = :persistent_term.get(__MODULE__)
      advanced
    end

    @impl AgentKit.Journal
    def read(session), do: {:ok, [{"of", {session, "the journal"}}]}

    def tell(what) do
      {test, _saved, _advanced} = :persistent_term.get(__MODULE__)
      send(test, what)
      :ok
    end
  end

  # Stands for model and tools: names the calls that the input asks for, and answers when their results are there.
  defp serve(request) do
    path = :mochiweb_request.get(:path, request)
    body = :mochiweb_request.recv_body(request)
    Told.tell({:asked, path, Map.new(:mochiweb_headers.to_list(:mochiweb_request.get(:headers, request)), &header/1)})

    :mochiweb_request.respond(
      {200, [], if(path == ~c"/v1/chat/completions", do: answer(body), else: "mailed")},
      request
    )
  end

  defp header({name, value}), do: {name |> to_string() |> String.downcase(), to_string(value)}

  defp answer(body) do
    {:ok, %{"messages" => messages}} = JSON.decode(body)

    delta =
      case List.last(messages) do
        %{"role" => "user", "content" => tools} -> %{tool_calls: calls(String.split(tools))}
        %{"role" => "tool", "content" => result} -> %{content: "done: #{result}"}
      end

    ["data: ", JSON.encode(%{choices: [%{delta: delta, finish_reason: "stop"}]}), "\n\n"]
  end

  defp calls(names) do
    for {name, index} <- Enum.with_index(names),
        do: %{index: index, id: "call-#{index}", function: %{name: name, arguments: "{}"}}
  end

  setup do
    http = [name: :undefined, ip: {127, 0, 0, 1}, port: 0, loop: &serve/1]
    world = start_supervised!(%{id: :world, start: {:mochiweb_http, :start_link, [http]}})
    address = "http://127.0.0.1:#{:mochiweb_socket_server.get(world, :port)}"
    System.put_env("MODEL_URL", address <> "/v1")
    System.put_env("TOOLS_URL", address <> "/tools")
    start_supervised!(AgentKit.HTTP.Pool)
    settings = %Session.Settings{store: Told, journal: Told, compute: LocalTools, restart: :temporary}
    for child <- Sessions.children(settings, []), do: start_supervised!(child)
    :ok
  end

  defp open(messages, more \\ %{}) do
    Map.merge(%{turn: "1", input: "mail", messages: messages, age_ms: 0, give_up: nil}, Map.new(more))
  end

  defp called(name, arguments), do: Message.assistant("", [%{id: "old", name: name, arguments: arguments}])

  test "nothing follows from a message before it was kept" do
    Told.begin(%{epoch: 7})
    assert {:ok, ~s({"output":"done: mailed"})} = Sessions.run_turn("a b", "1", "mail mail")
    {:messages, told} = Process.info(self(), :messages)

    assert [
             {:advance, %{turn: "1", epoch: 7, position: 0, messages: [input]}},
             {:asked, ~c"/v1/chat/completions", _},
             {:advance, %{turn: "1", epoch: 7, position: 1, messages: [answer]}},
             {:asked, ~c"/tools/mail", mail},
             {:asked, ~c"/tools/mail", other_mail},
             {:advance, %{turn: "1", epoch: 7, position: 2, messages: [result, other_result]}},
             {:asked, ~c"/v1/chat/completions", _},
             {:commit, "a b", %{turn: "1", epoch: 7, messages: [last, other_result, result, answer, input]}}
           ] = told

    assert Enum.map([input, result, last], &Message.content/1) == ["mail mail", "mailed", "done: mailed"]
    assert Enum.sort([mail["idempotency-key"], other_mail["idempotency-key"]]) == ["a%20b/1/1/0", "a%20b/1/1/1"]
    assert mail["fence"] == "7"
  end

  test "a turn whose answer was kept goes on with its tools, under the keys that they had" do
    Told.begin(%{epoch: 2, open: open([called("mail", "{}"), Message.user("mail")])})
    :ok = Sessions.wake("a")
    assert_receive {:asked, ~c"/tools/mail", %{"idempotency-key" => "a/1/1/0", "fence" => "2"}}, 1000
    assert_receive {:advance, %{position: 2, messages: [_result]}}, 1000
    assert_receive {:commit, "a", %{result: ~s({"output":"done: mailed"}), messages: [_, _, _, _]}}, 1000
    assert {:ok, ~s({"output":"done: mailed"})} = Sessions.run_turn("a", "1", "mail")
    assert {:error, "this turn was asked with another input"} = Sessions.run_turn("a", "1", "fax")
  end

  test "a turn whose results were kept goes on with the model, in its next step" do
    kept = [Message.tool(%{id: "old"}, "kept"), called("mail", "{}"), Message.user("mail")]
    Told.begin(%{open: open(kept)})
    assert {:ok, ~s({"output":"done: kept"})} = Sessions.run_turn("a", "1", "mail")
    refute_received {:asked, ~c"/tools/mail", _}
  end

  test "a sleep that was interrupted ends when it would have ended" do
    Told.begin(%{
      open: open([called("sleep", ~s({"ms":3600000})), Message.user("nap")], input: "nap", age_ms: 3_599_990)
    })

    assert {:ok, ~s({"output":"done: slept"})} = Sessions.run_turn("a", "1", "nap")
  end

  test "a turn that was interrupted too often fails, and leaves its input" do
    Told.begin(%{open: open([called("mail", "{}"), Message.user("mail")], give_up: "interrupted 21 times")})
    assert {:ok, result} = Sessions.run_turn("a", "1", "mail")
    assert {:ok, %{"failed" => %{"code" => "gave_up", "message" => "interrupted 21 times"}}} = JSON.decode(result)
    input = Message.user("mail")
    assert_received {:commit, "a", %{messages: [^input]}}
    refute_received {:asked, _, _}
  end

  @tag :capture_log
  test "a message that was not kept ends the session, and nobody is asked" do
    Told.begin(%{}, {:error, :superseded})
    {:ok, asked} = Sessions.request_turn("a", "1", "mail", nil)
    assert_receive {:advance, %{position: 0}}, 1000
    # The session gave no reply; that it ended is what a client is told.
    assert_receive {:DOWN, _, :process, _, {:not_committed, :superseded}} = message, 1000
    assert {:reply, {:error, {:not_committed, :superseded}}} = Sessions.reply(message, asked)
    refute_received {:asked, _, _}
  end

  test "sessions are read in the journal" do
    Told.begin(%{})
    assert Sessions.read("a") == {:ok, [{"of", {"a", "the journal"}}]}
  end
end
