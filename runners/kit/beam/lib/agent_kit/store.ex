defmodule AgentKit.Store do
  @moduledoc """
  Seam: what is kept of a session beyond its process. `AgentKit.Store.None` keeps nothing.

  `load/1` is called by the session's process when it starts, before it takes a turn; `commit/2` and `remember/3` in the
  process of the turn, so that reads never wait for them.
  """

  @typedoc """
  A finished turn: the body of its answer, and what it adds to the conversation, the newest message first. What is committed
  has also the `epoch` that `load/1` gave.
  """
  @type finished :: %{
          required(:turn) => String.t(),
          required(:input) => String.t(),
          required(:result) => binary,
          required(:messages) => AgentKit.Message.conversation(),
          optional(:epoch) => non_neg_integer | nil
        }

  @typedoc """
  What a session begins with. Turns are in order of finishing. `open` is the turn that was interrupted, where there is an
  `AgentKit.Journal`; `epoch` counts the session's owners, where they are counted, and is the `Fence` of remote calls.
  """
  @type saved :: %{
          required(:finished) => [finished],
          required(:held) => {seed :: non_neg_integer, bytes :: non_neg_integer} | nil,
          required(:crash_on_load) => String.t() | nil,
          optional(:open) => AgentKit.Journal.open() | nil,
          optional(:epoch) => non_neg_integer | nil
        }

  @doc "What is known of a session; one that nobody knows is empty. Raises when it cannot be told."
  @callback load(session :: String.t()) :: saved

  @doc """
  Keeps a finished turn; its client is answered after that. On an error nobody knows whether it was kept: the client reads 500,
  and the session's process ends, so that the next one loads what is true.
  """
  @callback commit(session :: String.t(), finished) :: :ok | {:error, term}

  @doc "Keeps the newest arguments of `hold_memory`, or of a `crash` for the load hook. Raises when it cannot."
  @callback remember(session :: String.t(), :held | :crash_on_load, term) :: :ok

  @doc "Whether a session that has no process is known. One that is will be loaded to be read."
  @callback known?(session :: String.t()) :: boolean

  @doc "A session of which nothing is known."
  @spec empty() :: saved
  def empty, do: %{finished: [], held: nil, crash_on_load: nil}
end

defmodule AgentKit.Store.None do
  @moduledoc "Keeps nothing: what a session knows dies with its process."
  @behaviour AgentKit.Store

  @impl true
  def load(_session), do: AgentKit.Store.empty()

  @impl true
  def commit(_session, _finished), do: :ok

  @impl true
  def remember(_session, _what, _value), do: :ok

  @impl true
  def known?(_session), do: false
end
