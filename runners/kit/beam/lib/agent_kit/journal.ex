defmodule AgentKit.Journal do
  @moduledoc """
  Seam, and optional: what is kept of a turn while it runs, so that one that was interrupted goes on where it stood.

  A runner's `AgentKit.Store` may be its journal too. With one, a turn's input is kept before the model is asked, the model's
  answer before a tool of it runs, and the results of a step before the model is asked again; the last answer comes with
  `c:AgentKit.Store.commit/2`. What was interrupted comes back as `open` of `c:AgentKit.Store.load/1`. Sessions are then read
  here and not in their process, which may have been superseded without knowing it.

  A session with a journal does not trap exits: it would forget a turn whose task crashed, while the journal has it open.
  """
  alias AgentKit.Message

  @typedoc "Messages that a turn adds, the oldest first. `position` is that of the first one in its turn; the input has 0."
  @type entry :: %{
          turn: String.t(),
          epoch: non_neg_integer | nil,
          position: non_neg_integer,
          messages: [Message.t()]
        }

  @typedoc """
  A turn that was interrupted: what it added so far, the newest first, and how long ago the newest was kept. `give_up` says why
  it shall not go on, but end as failed.
  """
  @type open :: %{
          turn: String.t(),
          input: String.t(),
          messages: Message.conversation(),
          age_ms: non_neg_integer,
          give_up: String.t() | nil
        }

  @doc """
  Keeps messages of a running turn; nothing follows from them before that. Called in the turn's process. On an error nobody knows
  whether they were kept, and the session's process ends, as with `c:AgentKit.Store.commit/2`.
  """
  @callback advance(session :: String.t(), entry) :: :ok | {:error, term}

  @doc "Finished turns as `AgentKit.Sessions.read/1` tells them; `:busy` while it cannot be told. Called by who asks."
  @callback read(session :: String.t()) :: {:ok, [{String.t(), {String.t(), binary}}]} | :unknown | :busy

  @typedoc "Keeps the newest so many of a turn's messages, which are given the newest first."
  @type keep :: (Message.conversation(), added :: pos_integer -> :ok)

  @doc "How a turn keeps its messages; without a journal it keeps nothing. Exits when they were not kept."
  @spec keeper(module | nil, session :: String.t(), turn :: String.t(), epoch :: non_neg_integer | nil) :: keep
  def keeper(nil, _session, _turn, _epoch), do: fn _messages, _added -> :ok end

  def keeper(journal, session, turn, epoch) do
    fn messages, added ->
      entry = %{
        turn: turn,
        epoch: epoch,
        position: length(messages) - added,
        messages: messages |> Enum.take(added) |> Enum.reverse()
      }

      with {:error, reason} <- journal.advance(session, entry), do: exit({:not_committed, reason})
    end
  end
end
