defmodule AgentKit.JSON do
  @moduledoc "JSON by jiffy, the NIF of the Erlang world that yields to the scheduler. `null` is `nil`, objects are maps."

  @doc "Decodes a text. Strings are copies, so that a short one never keeps a long text in memory."
  @spec decode(binary) :: {:ok, term} | {:error, String.t()}
  def decode(text) do
    {:ok, :jiffy.decode(text, [:return_maps, :use_nil, :copy_strings])}
  catch
    # jiffy throws or raises, by version.
    _, reason -> {:error, "no JSON: #{inspect(reason)}"}
  end

  @doc "Encodes a term. Bytes that are no UTF-8 become U+FFFD."
  @spec encode(term) :: binary
  def encode(term), do: term |> :jiffy.encode([:use_nil, :force_utf8]) |> IO.iodata_to_binary()
end
