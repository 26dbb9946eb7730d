defmodule AgentKit.Listener do
  @moduledoc """
  Who reads along while the model speaks: a process alias, or nil for nobody.

  To tell is to send a message, so a slow reader holds nobody up. When it stops listening the alias is gone, and what is
  still sent to it disappears.
  """

  @type t :: reference | nil
  @typedoc "`:restart`: what was told of this step is void."
  @type event :: {:token, step :: pos_integer, String.t()} | {:restart, step :: pos_integer}

  @doc "A listener of the calling process, which receives `{listener, event}`."
  @spec open() :: t
  def open, do: :erlang.alias([:explicit_unalias])

  @doc "Ends listening; nothing of it is left in the caller's mailbox."
  @spec close(t) :: :ok
  def close(listener) do
    :erlang.unalias(listener)
    take_all(listener)
    :ok
  end

  @doc "The events that are there, without waiting."
  @spec take_all(t) :: [event]
  def take_all(listener) do
    receive do
      {^listener, event} -> [event | take_all(listener)]
    after
      0 -> []
    end
  end

  @spec tell(t, event) :: :ok
  def tell(nil, _event), do: :ok

  def tell(listener, event) do
    send(listener, {listener, event})
    :ok
  end
end
