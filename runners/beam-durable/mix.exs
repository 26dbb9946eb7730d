defmodule DerbyBeamDurable.MixProject do
  use Mix.Project

  # p1_pgsql is an OTP application of the system, found like those of OTP itself; nothing is fetched.
  def project do
    [
      app: :derby_beam_durable,
      version: "1.0.0",
      elixir: "~> 1.14",
      build_path: ".build/mix",
      deps: [{:agent_kit, path: "../kit/beam"}],
      # Tests start what they need; the application would want a database.
      aliases: [test: "test --no-start"],
      releases: [derby_beam_durable: [include_executables_for: [:unix], path: ".build/release"]]
    ]
  end

  def application, do: [extra_applications: [:logger, :p1_pgsql], mod: {DerbyBeamDurable.Application, []}]
end
