defmodule DerbyBeamDurable.StatementsTest do
  use ExUnit.Case, async: true
  alias DerbyBeamDurable.Statements

  test "texts are quoted, so that nothing within them is read as SQL" do
    assert Statements.call(:own, ["it's", "'); DROP TABLE turns; --", "a\\'b"]) ==
             {:ok, "EXECUTE own ('it''s', '''); DROP TABLE turns; --', 'a\\''b')"}
  end

  test "numbers go as they are" do
    assert Statements.call(:advance, ["s", 3, "1", 0, "[]"]) == {:ok, "EXECUTE advance ('s', 3, '1', 0, '[]')"}
  end

  test "what Postgres cannot keep is refused before it is sent" do
    assert Statements.call(:own, ["a\0b", "owner", "start"]) == {:error, :nul}
  end

  test "every connection insists on the meaning of quotes before it prepares" do
    preparation = Statements.preparation()
    assert "SET standard_conforming_strings = on;" == preparation |> String.split("\n") |> hd()
    assert preparation =~ "PREPARE own (text, text, text) AS INSERT INTO sessions"
  end
end
