defmodule AgentKit.LocalTools do
  @moduledoc "The local tools that compute, in plain Elixir, and what `hold_memory` holds. `vectors.json` has known answers."
  @behaviour AgentKit.Compute

  import Bitwise
  alias AgentKit.{Document, Vectors, Word32}

  @small_object_bytes 64
  @safe_integer_max 0x1FFFFFFFFFFFFF

  @typedoc "What `hold_memory` and `churn_memory` allocate: a number and its decimal text."
  @type small_object :: {non_neg_integer, String.t()}

  @impl true
  def run("parse_document", %{"document" => text}) when is_binary(text), do: Document.digest(text)

  def run("parse_document", args) do
    Document.digest(Document.generate(integer!(args, "seed"), integer!(args, "kilobytes")))
  end

  def run("search_memory", args) do
    size = {integer!(args, "vectors", 1), integer!(args, "dimensions", 1)}
    best = Vectors.search(integer!(args, "seed"), size, integer!(args, "top", 1))
    {scores, rows} = Enum.unzip(best)
    Enum.join(rows, "_") <> "_" <> Word32.hex8(Word32.fnv1a(Enum.join(scores, ",")))
  end

  def run("burn_cpu", args) do
    Word32.hex8(burn(Word32.start(integer!(args, "seed")), integer!(args, "rounds")))
  end

  def run("churn_memory", args) do
    count = div(integer!(args, "bytes"), @small_object_bytes)
    {xor, _last} = churn(Word32.start(integer!(args, "seed")), 0, count, 0, nil)
    "churned_#{count}_#{Word32.hex8(Word32.fnv1a(Integer.to_string(xor)))}"
  end

  @doc "The small objects of `hold_memory`: as many as fit into so many bytes, at 64 bytes each."
  @spec small_objects(non_neg_integer, non_neg_integer) :: [small_object]
  def small_objects(seed, bytes) do
    first = Word32.start(seed)
    for i <- 0..(div(bytes, @small_object_bytes) - 1)//1, do: small_object(first, i)
  end

  @doc "An argument that must be an integer from `least` on. Raises ArgumentError otherwise."
  @spec integer!(map, String.t(), non_neg_integer) :: non_neg_integer
  def integer!(args, name, least \\ 0) do
    case args do
      %{^name => value} when is_integer(value) and value >= least and value <= @safe_integer_max -> value
      _ -> raise ArgumentError, ~s("#{name}" must be an integer from #{least})
    end
  end

  defp burn(x, 0), do: x
  defp burn(x, rounds), do: burn(Word32.burn(x), rounds - 1)

  # The last object is handed on and returned, so that no compiler may leave objects out.
  defp churn(_first, count, count, xor, last), do: {xor, last}

  defp churn(first, i, count, xor, _last) do
    {number, _text} = made = small_object(first, i)
    churn(first, i + 1, count, bxor(xor, number), made)
  end

  defp small_object(first, i) do
    number = Word32.add(first, i)
    {number, Integer.to_string(number)}
  end
end
