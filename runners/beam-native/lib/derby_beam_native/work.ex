defmodule DerbyBeamNative.Work do
  @moduledoc """
  The local tools that compute as jobs for native code. `native/work/src/job.rs` reads what is written here.

  A job is the same bytes wherever it is done, so that the three ways to do it differ in nothing else.
  """
  alias AgentKit.LocalTools

  @typedoc "Does a job: in the VM, or in another process."
  @type native :: (job :: binary -> {:ok, String.t()} | {:error, String.t()})

  @doc "Runs a tool of `AgentKit.Compute` by native code. What allocates small objects stays in Elixir: it is about the VM's heaps."
  @spec run(AgentKit.Compute.tool(), map, native) :: String.t()
  def run("churn_memory" = tool, args, _native), do: LocalTools.run(tool, args)

  def run(tool, args, native) do
    case native.(job(tool, args)) do
      {:ok, result} -> result
      {:error, message} -> raise ArgumentError, message
    end
  end

  @doc """
  Breaks the native code, in the process of a turn. Returns never: a `:panic` is one that Rust notices, an `:abort` ends whatever
  process of the system the code runs in.
  """
  @spec crash(:panic | :abort, native) :: no_return
  def crash(bug, native) do
    {:error, message} = native.(<<if(bug == :panic, do: 4, else: 5)>>)
    raise AgentKit.Crash, message: message
  end

  defp job("parse_document", %{"document" => text}) when is_binary(text), do: <<0, text::binary>>
  defp job("parse_document", args), do: job(1, args, seed: 0, kilobytes: 0)
  defp job("search_memory", args), do: job(2, args, seed: 0, vectors: 1, dimensions: 1, top: 1)
  defp job("burn_cpu", args), do: job(3, args, seed: 0, rounds: 0)

  # The numbers of the arguments, each at least so large.
  defp job(kind, args, numbers) do
    for {name, least} <- numbers, into: <<kind>>, do: <<LocalTools.integer!(args, Atom.to_string(name), least)::64>>
  end
end

defmodule DerbyBeamNative.Nif do
  @moduledoc "Native code on the scheduler of whoever asks."
  @behaviour AgentKit.Compute

  @impl true
  def run(tool, args), do: DerbyBeamNative.Work.run(tool, args, &native/1)

  @doc "Does a job here."
  defdelegate native(job), to: DerbyBeamNative.Library, as: :run
end

defmodule DerbyBeamNative.Dirty do
  @moduledoc "Native code on a dirty scheduler."
  @behaviour AgentKit.Compute

  @impl true
  def run(tool, args), do: DerbyBeamNative.Work.run(tool, args, &native/1)

  @doc "Does a job there."
  defdelegate native(job), to: DerbyBeamNative.Library, as: :run_dirty
end

defmodule DerbyBeamNative.Port do
  @moduledoc "Native code in programs of its own."
  @behaviour AgentKit.Compute

  @impl true
  def run(tool, args), do: DerbyBeamNative.Work.run(tool, args, &native/1)

  @doc "Does a job there."
  defdelegate native(job), to: DerbyBeamNative.Programs, as: :run
end
