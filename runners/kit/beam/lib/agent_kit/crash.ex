defmodule AgentKit.Crash do
  @moduledoc """
  The bug that a script puts into the runner, and the ways in which it kills.

  | how        | what dies                                                                  |
  | ---------- | -------------------------------------------------------------------------- |
  | `throw`    | the process that runs the turn; its session too, unless that traps exits   |
  | `detached` | a process that nobody waits for; the VM logs it, and that is all           |
  | `unit`     | the session's process, and with it its turn, which is linked to it         |
  """
  defexception message: "crashed, as the script told"

  alias AgentKit.{JSON, RemoteTool}

  @type how :: :throw | :detached | :unit

  @doc """
  Asks for leave to crash, with the arguments byte for byte. False: go on. Raises when the question cannot be asked.
  """
  @spec leave(String.t()) :: how | false
  def leave(arguments) do
    with {:ok, text} <- RemoteTool.call("crash", arguments),
         {:ok, %{"die" => die}} <- JSON.decode(text) do
      Map.get(%{"throw" => :throw, "detached" => :detached, "unit" => :unit}, die, false)
    else
      {:error, reason} -> raise ArgumentError, reason
      {:ok, _} -> false
    end
  end

  @doc "Dies. Returns where the death is that of another process."
  @spec die(how, session :: pid) :: :ok
  def die(:throw, _session), do: raise(__MODULE__)

  def die(:detached, _session) do
    {:ok, _} = Task.start(fn -> raise __MODULE__ end)
    :ok
  end

  def die(:unit, session) do
    Process.exit(session, :kill)
    # A turn is linked to its session: what follows is its end.
    Process.sleep(:infinity)
  end
end
