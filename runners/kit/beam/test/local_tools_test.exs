defmodule AgentKit.LocalToolsTest do
  use ExUnit.Case, async: true
  alias AgentKit.{JSON, LocalTools}

  setup_all do
    start_supervised!(AgentKit.Vectors)
    {:ok, vectors} = JSON.decode(File.read!(Path.expand("../../../vectors.json", __DIR__)))
    %{vectors: vectors}
  end

  for tool <- AgentKit.Compute.tools() do
    test "#{tool} comes to all known answers", %{vectors: vectors} do
      for %{"arguments" => args, "result" => expected} <- vectors[unquote(tool)] do
        given =
          try do
            LocalTools.run(unquote(tool), args)
          rescue
            _ in ArgumentError -> %{"error" => true}
          end

        assert given == expected, "#{inspect(args, limit: 5)} gives #{inspect(given)}"
      end
    end
  end

  test "hold_memory holds as many objects as known, each a number with its text", %{vectors: vectors} do
    for %{"arguments" => %{"seed" => seed, "bytes" => bytes}, "result" => expected} <- vectors["hold_memory"] do
      objects = LocalTools.small_objects(seed, bytes)
      assert "held_#{length(objects)}" == expected
      assert Enum.all?(objects, fn {number, text} -> Integer.to_string(number) == text end)
    end
  end
end
