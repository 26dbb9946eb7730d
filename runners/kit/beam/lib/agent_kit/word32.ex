defmodule AgentKit.Word32 do
  @moduledoc """
  Unsigned 32-bit arithmetic, as the contract's local tools want it.

  Integers of the BEAM have no width, so each step is masked. No product here needs more than 57 bits, so all of them
  stay immediate words of 64-bit machines and never become bignums.
  """
  import Bitwise

  @mask 0xFFFFFFFF
  @fnv_offset 0x811C9DC5
  @fnv_prime 0x01000193

  @doc "FNV-1a-32 over bytes, continuing from an earlier hash."
  @spec fnv1a(binary, non_neg_integer) :: non_neg_integer
  def fnv1a(bytes, hash \\ @fnv_offset)
  def fnv1a(<<byte, rest::binary>>, hash), do: fnv1a(rest, bxor(hash, byte) * @fnv_prime &&& @mask)
  def fnv1a(<<>>, hash), do: hash

  @doc "Eight hexadecimal digits."
  @spec hex8(non_neg_integer) :: String.t()
  def hex8(word), do: Base.encode16(<<word::32>>, case: :lower)

  @doc "Where the random stream of a seed begins."
  @spec start(non_neg_integer) :: non_neg_integer
  def start(seed), do: seed |> Integer.to_string() |> fnv1a() |> bor(1)

  @doc "The next number of the stream: xorshift32 (Marsaglia, \"Xorshift RNGs\", 2003)."
  @spec next(non_neg_integer) :: non_neg_integer
  def next(x) do
    x = bxor(x, x <<< 13 &&& @mask)
    x = bxor(x, x >>> 17)
    bxor(x, x <<< 5 &&& @mask)
  end

  @doc "The sum mod 2^32."
  @spec add(non_neg_integer, non_neg_integer) :: non_neg_integer
  def add(x, y), do: x + y &&& @mask

  @doc "One round of `burn_cpu`."
  @spec burn(non_neg_integer) :: non_neg_integer
  def burn(x), do: next(x) * 1_664_525 + 1_013_904_223 &&& @mask
end
