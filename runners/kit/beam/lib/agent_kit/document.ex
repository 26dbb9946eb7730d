defmodule AgentKit.Document do
  @moduledoc "The documents of `parse_document`: generated from a seed, parsed, validated, digested."

  import Bitwise
  alias AgentKit.{JSON, Word32}

  @head ~s({"records":[)
  @tail "]}"

  defguardp is_document_number(value) when is_integer(value) and value >= 0 and value < 0x80000000

  @doc "Parses and validates a JSON text: `<count>_<hex8>`. Raises ArgumentError when it is no valid document."
  @spec digest(String.t()) :: String.t()
  def digest(text) do
    with {:ok, %{"records" => records}} when is_list(records) <- JSON.decode(text) do
      hash = Enum.reduce(records, Word32.fnv1a(""), &Word32.fnv1a(line(&1), &2))
      "#{length(records)}_#{Word32.hex8(hash)}"
    else
      {:ok, _} -> raise ArgumentError, ~s(the document must have an array "records")
      {:error, reason} -> raise ArgumentError, reason
    end
  end

  defp line(%{"id" => id, "name" => name, "tags" => tags, "values" => values})
       when is_document_number(id) and is_binary(name) and is_list(tags) and is_list(values) do
    Enum.all?(tags, &is_binary/1) || raise ArgumentError, ~s("tags" must be strings)
    Enum.all?(values, &is_document_number(&1)) || raise ArgumentError, ~s("values" must be integers from 0 below 2^31)
    IO.iodata_to_binary([Integer.to_string(id), ?:, name, ?:, Enum.join(tags, ","), ?:, Enum.join(values, ","), ?;])
  end

  defp line(_), do: raise(ArgumentError, "each record must have id, name, tags and values")

  @doc "The text of a document made from a seed, without white space, at least `kilobytes` × 1024 bytes long."
  @spec generate(non_neg_integer, non_neg_integer) :: String.t()
  def generate(seed, kilobytes) do
    length = byte_size(@head) + byte_size(@tail)
    records = records(Word32.start(seed), 0, kilobytes * 1024 - length)
    IO.iodata_to_binary([@head, records, @tail])
  end

  defp records(_x, _id, missing) when missing <= 0, do: []

  defp records(x, id, missing) do
    a = Word32.next(x)
    b = Word32.next(a)
    c = Word32.next(b)
    d = Word32.next(c)
    e = Word32.next(d)
    f = Word32.next(e)
    comma = if id == 0, do: "", else: ","

    record =
      ~s(#{comma}{"id":#{id},"name":"w#{rem(a, 1000)}","tags":["t#{rem(b, 50)}","t#{rem(c, 50)}"],) <>
        ~s("values":[#{d >>> 1},#{e >>> 1},#{f >>> 1},#{a >>> 1}]})

    [record | records(f, id + 1, missing - byte_size(record))]
  end
end
