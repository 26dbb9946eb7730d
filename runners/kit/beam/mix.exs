defmodule AgentKit.MixProject do
  use Mix.Project

  # jiffy and mochiweb are OTP applications of the system, found like those of OTP itself; nothing is fetched.
  def project do
    [app: :agent_kit, version: "1.0.0", elixir: "~> 1.14", build_path: ".build/mix", deps: []]
  end

  def application, do: [extra_applications: [:logger, :jiffy, :mochiweb]]
end
