defmodule DerbyBeamDurable.Statements do
  @moduledoc """
  The statements on the tables of `DerbyBeamDurable.Schema`, prepared once per connection. Each is a transaction of its own.

  A session's rows change only together with a check of its epoch: a process that lost the session changes nothing. The share lock
  makes a take-over wait for a write under way, so that the new owner reads what it wrote.
  """

  # Takes a session over: every later write of its former owner finds another epoch.
  @own """
  INSERT INTO sessions (id, epoch, owner, start) VALUES ($1, 1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET epoch = sessions.epoch + 1, owner = EXCLUDED.owner, start = EXCLUDED.start
  RETURNING epoch
  """

  # $1 session, $2 epoch, $3 turn, $4 position of the first message, $5 messages as an array of JSON texts. Position 0 begins
  # the turn.
  @advance """
  WITH mine AS (
    SELECT id FROM sessions WHERE id = $1 AND epoch = $2 FOR SHARE
  ), begun AS (
    INSERT INTO turns (session, turn, epoch) SELECT id, $3, $2 FROM mine WHERE $4 = 0
  ), written AS (
    INSERT INTO messages (session, turn, position, message)
    SELECT mine.id, $3, $4 + added.nth::integer - 1, added.message
    FROM mine, json_array_elements_text($5) WITH ORDINALITY AS added (message, nth)
    RETURNING 1
  )
  SELECT count(*) FROM written
  """

  # $1 to $4 as above, $5 the last message, $6 the result. Of a failed turn the only message left is there already.
  @commit """
  WITH mine AS (
    SELECT id FROM sessions WHERE id = $1 AND epoch = $2 FOR SHARE
  ), written AS (
    INSERT INTO messages (session, turn, position, message)
    SELECT id, $3, $4, $5 FROM mine ON CONFLICT DO NOTHING
  ), ended AS (
    UPDATE turns SET result = $6, kept = $4 + 1 FROM mine
    WHERE turns.session = mine.id AND turns.turn = $3
    RETURNING 1
  )
  SELECT count(*) FROM ended
  """

  # The messages that the turns of a session left, in order. No result: the turn is open.
  @load """
  SELECT t.turn, t.epoch, coalesce(t.result, ''), m.message,
    greatest(0, floor(extract(epoch FROM now() - m.written_at) * 1000))::bigint
  FROM turns t JOIN messages m ON m.session = t.session AND m.turn = t.turn
  WHERE t.session = $1 AND (t.kept IS NULL OR m.position < t.kept)
  ORDER BY t.seq, m.position
  """

  @read """
  SELECT t.turn, coalesce(t.result, ''), m.message
  FROM turns t JOIN messages m ON m.session = t.session AND m.turn = t.turn AND m.position = 0
  WHERE t.session = $1
  ORDER BY t.seq
  """

  # Sessions in which an owner of this name left a turn open become those of its start $2. Its epoch is counted up when they load.
  @inherit """
  UPDATE sessions SET start = $2
  FROM (SELECT DISTINCT session FROM turns WHERE result IS NULL) AS left_open
  WHERE sessions.id = left_open.session AND sessions.owner = $1
  RETURNING sessions.id
  """

  # Sessions with an open turn that nobody has owned since this start of an owner did.
  @open """
  SELECT DISTINCT t.session FROM turns t JOIN sessions s ON s.id = t.session
  WHERE t.result IS NULL AND s.start = $1
  """

  @prepared [
    own: {"text, text, text", @own},
    advance: {"text, integer, text, integer, json", @advance},
    commit: {"text, integer, text, integer, text, text", @commit},
    load: {"text", @load},
    read: {"text", @read},
    inherit: {"text, text", @inherit},
    open: {"text", @open}
  ]

  # Plans are made while the tables are still empty, and the best plan for an empty table reads all of it. All statements here
  # find rows by key, so the planner is asked not to consider anything else. The first two are defaults that `call/2` relies on.
  @settings [
    standard_conforming_strings: "on",
    client_encoding: "'UTF8'",
    enable_seqscan: "off",
    enable_hashjoin: "off",
    enable_mergejoin: "off"
  ]

  @doc "What a connection runs first."
  @spec preparation() :: String.t()
  def preparation do
    settings = for {name, value} <- @settings, do: "SET #{name} = #{value};\n"
    statements = for {name, {types, sql}} <- @prepared, do: "PREPARE #{name} (#{types}) AS #{sql};\n"
    IO.iodata_to_binary([settings, statements])
  end

  @doc """
  The text that runs a prepared statement. A text of Postgres cannot hold U+0000, which would also end the message to the server.
  """
  @spec call(atom, [String.t() | integer]) :: {:ok, String.t()} | {:error, :nul}
  def call(name, parameters) do
    true = Keyword.has_key?(@prepared, name)

    if Enum.any?(parameters, &(is_binary(&1) and String.contains?(&1, <<0>>))),
      do: {:error, :nul},
      else: {:ok, "EXECUTE #{name} (#{Enum.map_join(parameters, ", ", &literal/1)})"}
  end

  # With standard strings a quote is all that means anything within quotes.
  defp literal(number) when is_integer(number), do: Integer.to_string(number)
  defp literal(text), do: "'" <> String.replace(text, "'", "''") <> "'"
end
