defmodule DerbyBeamNative.Library do
  @moduledoc """
  The NIF. Both functions do a job of `DerbyBeamNative.Work`; the sentence of an error is for the model. A Rust panic raises
  `ErlangError` with `:nif_panicked`.
  """
  @on_load :load

  @doc false
  def load do
    path = Application.app_dir(:derby_beam_native, "priv/libderby_nif")
    :erlang.load_nif(String.to_charlist(path), 0)
  end

  @doc "Does the job on the scheduler that runs the caller, and holds it up until it is done."
  @spec run(binary) :: {:ok, String.t()} | {:error, String.t()}
  def run(_job), do: :erlang.nif_error(:not_loaded)

  @doc "Does the job on a dirty scheduler; the caller waits, nobody else does."
  @spec run_dirty(binary) :: {:ok, String.t()} | {:error, String.t()}
  def run_dirty(_job), do: :erlang.nif_error(:not_loaded)
end
