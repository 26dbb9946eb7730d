defmodule AgentKit.Compute do
  @moduledoc """
  Seam: who does the local work that computes. `AgentKit.LocalTools` does it in Elixir, in the process that asks.

  Another one may hand the work to a NIF, a port or a pool. `run/2` is called in the turn's process and may block it.
  """

  @typedoc "`parse_document`, `search_memory`, `burn_cpu` or `churn_memory`."
  @type tool :: String.t()

  @doc "The text of the tool message. Raises when the arguments make no sense; the model is told the exception's message."
  @callback run(tool, arguments :: map) :: String.t()

  @doc "The tools that go through this seam."
  @spec tools() :: [tool]
  def tools, do: ~w(parse_document search_memory burn_cpu churn_memory)
end
