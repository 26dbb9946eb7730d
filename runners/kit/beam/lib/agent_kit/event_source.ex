defmodule AgentKit.EventSource do
  @moduledoc "Reads server-sent events: a pure step from bytes, cut anywhere, to the data of whole events."

  @opaque t :: {half_line :: binary, data :: [binary]}

  @doc "Before the first byte."
  @spec new() :: t
  def new, do: {"", []}

  @doc "The data of the events that these bytes complete, in order. Lines other than `data` say nothing of interest."
  @spec read(t, iodata) :: {[binary], t}
  def read({half, data}, bytes) do
    [half | lines] = [half, bytes] |> IO.iodata_to_binary() |> :binary.split("\n", [:global]) |> Enum.reverse()
    {events, data} = lines |> Enum.reverse() |> Enum.reduce({[], data}, &line(String.trim_trailing(&1, "\r"), &2))
    {Enum.reverse(events), {half, data}}
  end

  defp line("", {events, []}), do: {events, []}
  defp line("", {events, data}), do: {[data |> Enum.reverse() |> Enum.join("\n") | events], []}
  defp line("data: " <> text, {events, data}), do: {events, [text | data]}
  defp line("data:" <> text, {events, data}), do: {events, [text | data]}
  defp line(_other, events_and_data), do: events_and_data
end
