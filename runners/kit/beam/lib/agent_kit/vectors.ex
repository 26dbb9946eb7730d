defmodule AgentKit.Vectors do
  @moduledoc """
  The vectors of `search_memory`: a query compared with every row of a matrix.

  A matrix depends on its size only. The few newest are kept in an ETS table as one binary each: binaries of this size
  are shared, so a look-up copies nothing, whichever process asks. `start_link/1` starts the table's owner.
  """
  use GenServer

  import Bitwise
  alias AgentKit.Word32

  @matrices_kept 4

  @type size :: {vectors :: pos_integer, dimensions :: pos_integer}

  @doc "The `top` best rows as `{score, row}`, the best first, ties by lower row."
  @spec search(non_neg_integer, size, pos_integer) :: [{non_neg_integer, non_neg_integer}]
  def search(seed, {vectors, dimensions} = size, top) do
    query = for <<component <- components(Word32.start(seed), dimensions)>>, do: component

    scan(matrix(size), query, 0, vectors, top, 0, [])
    |> Enum.map(fn {score, row} -> {score, -row} end)
    |> Enum.reverse()
  end

  # `best` is ascending in {score, -row}, so that the one to beat stands first.
  defp scan(_matrix, _query, vectors, vectors, _top, _kept, best), do: best

  defp scan(matrix, query, row, vectors, top, kept, best) do
    {score, rest} = dot(query, matrix, 0)

    cond do
      kept < top -> scan(rest, query, row + 1, vectors, top, kept + 1, insert({score, -row}, best))
      score > elem(hd(best), 0) -> scan(rest, query, row + 1, vectors, top, kept, insert({score, -row}, tl(best)))
      true -> scan(rest, query, row + 1, vectors, top, kept, best)
    end
  end

  defp dot([q | query], <<m, matrix::binary>>, sum), do: dot(query, matrix, sum + q * m)
  defp dot([], matrix, sum), do: {sum &&& 0xFFFFFFFF, matrix}

  defp insert(new, [best | rest]) when new > best, do: [best | insert(new, rest)]
  defp insert(new, rest), do: [new | rest]

  defp matrix({vectors, dimensions} = size) do
    case :ets.lookup(__MODULE__, size) do
      [{^size, matrix}] ->
        matrix

      [] ->
        matrix = components(Word32.start(dimensions), vectors * dimensions)
        GenServer.cast(__MODULE__, {:keep, size, matrix})
        matrix
    end
  end

  defp components(x, count), do: components(x, count, <<>>)
  defp components(_x, 0, made), do: made

  defp components(x, count, made) do
    x = Word32.next(x)
    components(x, count - 1, <<made::binary, x >>> 24 &&& 15>>)
  end

  @doc false
  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @impl true
  def init(nil) do
    :ets.new(__MODULE__, [:named_table, read_concurrency: true])
    {:ok, []}
  end

  @impl true
  def handle_cast({:keep, size, matrix}, kept) do
    :ets.insert(__MODULE__, {size, matrix})
    {kept, dropped} = Enum.split([size | List.delete(kept, size)], @matrices_kept)
    Enum.each(dropped, &:ets.delete(__MODULE__, &1))
    {:noreply, kept}
  end
end
