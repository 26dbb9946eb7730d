# How long nobody else is run while a job is done, with one scheduler:
#
#     ELIXIR_ERL_OPTIONS="+S 1:1 +SDcpu 1:1" taskset -c 1 mix run --no-start benches/silences.exs
#
# A process that wants to run every millisecond notes its longest wait, job by job; a turn's process does the job. Printed are
# milliseconds: the median job and the shortest, the median of the longest waits and the one that nine of ten stay below.
alias DerbyBeamNative.{Dirty, Nif, Port, Programs}

defmodule Silences do
  @every_ms 1
  # Long enough for whoever waited to run again, and to note it.
  @settle_ms 5

  def start do
    longest = :atomics.new(1, [])
    spawn_link(fn -> beat(longest, now_us()) end)
    longest
  end

  defp beat(longest, last_us) do
    Process.sleep(@every_ms)
    now_us = now_us()
    if now_us - last_us > :atomics.get(longest, 1), do: :atomics.put(longest, 1, now_us - last_us)
    beat(longest, now_us)
  end

  def measure(longest, times, job) do
    # The first builds what is kept.
    job.()
    for(_ <- 1..times, do: once(longest, job)) |> Enum.unzip()
  end

  defp once(longest, job) do
    Process.sleep(@settle_ms)
    :atomics.put(longest, 1, 0)
    from_us = now_us()
    job |> Task.async() |> Task.await(:infinity)
    took_us = now_us() - from_us
    Process.sleep(@settle_ms)
    {took_us, :atomics.get(longest, 1)}
  end

  def at(values_us, share) do
    us = values_us |> Enum.sort() |> Enum.at(ceil(share * length(values_us)) - 1)
    :erlang.float_to_binary(us / 1000, decimals: 1)
  end

  defp now_us, do: System.monotonic_time(:microsecond)
end

{:ok, _} = AgentKit.Vectors.start_link(nil)
{:ok, _} = Programs.start_link(1)
longest = Silences.start()

jobs = [
  {"parse_document", %{"seed" => 1, "kilobytes" => 800}, 40},
  {"search_memory", %{"seed" => 1, "vectors" => 20_000, "dimensions" => 256, "top" => 10}, 40},
  {"burn_cpu", %{"seed" => 1, "rounds" => 1_000_000}, 40},
  {"burn_cpu", %{"seed" => 1, "rounds" => 100_000_000}, 5}
]

ways = [elixir: AgentKit.LocalTools, nif: Nif, dirty: Dirty, port: Port]

for {tool, args, times} <- jobs, {way, compute} <- ways do
  {took, silence} = Silences.measure(longest, times, fn -> compute.run(tool, args) end)
  job = "#{tool} #{inspect(Map.values(Map.delete(args, "seed")))}"

  IO.puts(
    "#{String.pad_trailing(job, 30)} #{String.pad_trailing("#{way}", 7)}" <>
      "took #{Silences.at(took, 0.5)} (at least #{Silences.at(took, 0.01)}), " <>
      "silence #{Silences.at(silence, 0.5)}, 90 % #{Silences.at(silence, 0.9)}"
  )
end
