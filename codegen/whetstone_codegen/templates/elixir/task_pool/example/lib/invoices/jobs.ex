defmodule Invoices.Jobs do
  @moduledoc """
  Runs a job for each of many items, never more than `:max_concurrency` at once.

      children = [Invoices.Jobs]

      Invoices.Jobs.map(Invoices.Jobs, orders, &render_invoice/1)
      #=> [{:ok, invoice}, {:exit, reason}, {:ok, invoice}]

  ## What becomes of a job

  Each job is a task of its own, linked to nobody: when it crashes or is killed the caller lives on
  and gets `{:exit, reason}`. A job that takes longer than `:timeout` is killed, and its reason is
  `:timeout`; the others go on. No job is run twice.
  Results come in the order of the items.

  The limit holds for one call of `map/4`; two callers at once run twice as many jobs.

  ## Options

  Of `start_link/1`:

    * `:name` - an atom, `{:global, term}` or `{:via, module, term}`. Default: `Invoices.Jobs`.

  Of `map/4`:

    * `:max_concurrency` - how many jobs run at once. Default: 8.
    * `:timeout` - milliseconds for one job. Default: 5_000.

  ## When it is stopped

  Jobs that run have 10_000 milliseconds to finish; they trap exits, so a process that a job is
  linked to does not take it along when it ends. The caller gets no results, but an exit.
  After a crash it is the same, and the jobs are lost: what must be done is stored somewhere else.
  """

  @drain_timeout 10_000

  @type pool :: Supervisor.supervisor()
  @type option ::
          {:max_concurrency, pos_integer()}
          | {:timeout, pos_integer()}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec(name: GenServer.name()) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]},
      type: :supervisor
    }
  end

  @doc "Starts it; raises `ArgumentError` for an option that it does not know."
  @spec start_link(name: GenServer.name()) :: Supervisor.on_start()
  def start_link(options \\ []) do
    options |> Keyword.validate!(name: __MODULE__) |> Task.Supervisor.start_link()
  end

  @doc """
  Calls `fun` with each item in a task of its own and returns the results: `{:ok, result}`, or
  `{:exit, reason}` when the task failed.
  """
  @spec map(pool(), Enumerable.t(), (term() -> term()), [option()]) :: [
          {:ok, term()} | {:exit, term()}
        ]
  def map(pool, items, fun, options \\ []) when is_function(fun, 1) do
    options = checked!(options)
    results = pool |> stream(items, fun, options) |> Enum.map(&result/1)
    results
  end

  defp stream(pool, items, fun, options) do
    Task.Supervisor.async_stream_nolink(
      pool,
      items,
      &job(fun, &1),
      max_concurrency: options[:max_concurrency],
      timeout: options[:timeout],
      on_timeout: :kill_task,
      zip_input_on_exit: true,
      ordered: true,
      shutdown: @drain_timeout
    )
  end

  defp job(fun, item) do
    # The pool asks its tasks to stop with an exit signal, and waits: a task that traps it goes on.
    Process.flag(:trap_exit, true)
    {item, fun.(item)}
  end

  defp result({:ok, {_item, result}}), do: {:ok, result}
  defp result({:exit, {_item, reason}}), do: {:exit, reason}

  defp checked!(options) do
    options = Keyword.validate!(options, defaults())
    for key <- [:max_concurrency, :timeout], do: positive!(key, options[key])
    options
  end

  defp defaults do
    [
      max_concurrency: 8,
      timeout: 5_000
    ]
  end

  defp positive!(_key, value) when is_integer(value) and value > 0, do: :ok

  defp positive!(key, value) do
    raise ArgumentError, "#{key} is an integer of at least 1, not #{inspect(value)}"
  end
end
