defmodule DerbyBeam.MixProject do
  use Mix.Project

  def project do
    [
      app: :derby_beam,
      version: "1.0.0",
      elixir: "~> 1.14",
      build_path: ".build/mix",
      deps: [{:agent_kit, path: "../kit/beam"}],
      releases: [derby_beam: [include_executables_for: [:unix], path: ".build/release"]]
    ]
  end

  def application, do: [extra_applications: [:logger], mod: {DerbyBeam.Application, []}]
end
