defmodule DerbyBeamNative.MixProject do
  use Mix.Project

  def project do
    [
      app: :derby_beam_native,
      version: "1.0.0",
      elixir: "~> 1.14",
      build_path: ".build/mix",
      compilers: [:cargo | Mix.compilers()],
      # Tests start what they are about.
      aliases: [test: "test --no-start"],
      deps: [{:agent_kit, path: "../kit/beam"}],
      releases: [derby_beam_native: [include_executables_for: [:unix], path: ".build/release"]]
    ]
  end

  def application, do: [extra_applications: [:logger], mod: {DerbyBeamNative.Application, []}]
end

defmodule Mix.Tasks.Compile.Cargo do
  @moduledoc "Builds the crates in `native/`, with the dependencies that Cargo.lock pins, into the application's `priv`."
  use Mix.Task.Compiler

  @made ["libderby_nif.so", "derby-program"]

  @impl true
  def run(_args) do
    target = Path.expand(".build/cargo")

    build = [
      "build",
      "--release",
      "--locked",
      "--quiet",
      "--manifest-path",
      "native/Cargo.toml",
      "--target-dir",
      target
    ]

    case System.cmd("cargo", build, into: IO.stream()) do
      {_, 0} -> install(target)
      {_, code} -> Mix.raise("cargo ended with code #{code}")
    end
  end

  defp install(target) do
    priv = Path.join(Mix.Project.app_path(), "priv")
    File.mkdir_p!(priv)
    Enum.each(@made, &File.cp!(Path.join([target, "release", &1]), Path.join(priv, &1)))
    {:ok, []}
  end
end
