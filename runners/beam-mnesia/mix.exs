defmodule DerbyBeamMnesia.MixProject do
  use Mix.Project

  def project do
    [
      app: :derby_beam_mnesia,
      version: "1.0.0",
      elixir: "~> 1.14",
      build_path: ".build/mix",
      deps: [{:agent_kit, path: "../kit/beam"}],
      releases: [derby_beam_mnesia: [include_executables_for: [:unix], path: ".build/release"]],
      # Tests start Mnesia themselves, each on a folder of its own.
      aliases: [test: "test --no-start"]
    ]
  end

  def application, do: [extra_applications: [:logger, :mnesia], mod: {DerbyBeamMnesia.Application, []}]
end
