defmodule Shop.Renderer do
  @moduledoc """
  Workers on every node of a cluster; whoever calls gets one of them.

      children = [{Shop.Renderer, handler: &String.upcase/1}]

      case Shop.Renderer.call("tea") do
        {:ok, answer} -> answer
        {:error, :no_worker} -> :try_later
        {:error, reason} -> {:perhaps_done, reason}
      end

  ## Lifecycle

  Each node starts this supervisor. It starts a `:pg` scope and then the workers, which join a group in it; the scopes
  of all nodes tell one another who is in it, and drop a member with its process or its node. When the scope
  crashes, the workers are started again too, because the new one does not know them.
  A worker on the caller's node is asked first, so the network is used only when it must be.

  ## Options

    * `:handler` - required: a function of one request, run in the worker, whose result is the answer
    * `:name` - an atom, the same on all nodes, the name of this module unless given
    * `:workers` - how many workers this node has, 2 unless given

  ## When something fails

  A call answers `{:error, :no_worker}` when nobody was there, so nothing was done; with `{:error, :timeout}` and with
  `{:error, :lost}`, when the worker or its node went down during the call, it may have been done.
  A request that crashes its worker is not tried again. A restarted worker begins without what its mailbox held.
  """

  use Supervisor

  alias __MODULE__.Worker

  @call_timeout 5_000

  @type option ::
          {:handler, (term -> term)}
          | {:name, atom}
          | {:workers, pos_integer}

  @doc "Starts this node's part. Raises `ArgumentError` for options with which it could not work."
  @spec start_link([option]) :: Supervisor.on_start()
  def start_link(options) do
    options = Keyword.validate!(options, [:handler, name: __MODULE__, workers: 2])

    if not is_function(options[:handler], 1) do
      raise ArgumentError, ":handler must be a function of one request"
    end

    Supervisor.start_link(__MODULE__, Map.new(options), name: options[:name])
  end

  @doc "Has a request handled by a worker."
  @spec call(atom, term, timeout) :: {:ok, term} | {:error, :no_worker | :timeout | :lost}
  def call(name \\ __MODULE__, request, timeout \\ @call_timeout) when is_atom(name) do
    ask(candidates(name), request, timeout)
  end

  @doc "The workers of all nodes, as far as this node knows."
  @spec members(atom) :: [pid]
  def members(name \\ __MODULE__) when is_atom(name), do: :pg.get_members(scope(name), :workers)

  @impl true
  def init(options) do
    scope = scope(options.name)

    workers =
      for number <- 1..options.workers do
        Supervisor.child_spec({Worker, Map.put(options, :scope, scope)}, id: {Worker, number})
      end

    # Rest for one: a new scope knows none of the workers, so they have to join again.
    Supervisor.init([%{id: :pg, start: {:pg, :start_link, [scope]}} | workers],
      strategy: :rest_for_one,
      max_restarts: 3,
      max_seconds: 5
    )
  end

  defp candidates(name) do
    local = :pg.get_local_members(scope(name), :workers)
    Enum.shuffle(local) ++ Enum.shuffle(members(name) -- local)
  end

  # Made of a name in this file, so that there is one such atom.
  defp scope(name), do: Module.concat(name, "Scope")

  defp ask([], _request, _timeout), do: {:error, :no_worker}

  defp ask([worker | others], request, timeout) do
    {:ok, GenServer.call(worker, {:handle, request}, timeout)}
  catch
    # It was dead already, so nothing was done, and another one may be asked.
    :exit, {:noproc, _call} -> ask(others, request, timeout)
    :exit, {:timeout, _call} -> {:error, :timeout}
    :exit, {_reason, _call} -> {:error, :lost}
  end
end

defmodule Shop.Renderer.Worker do
  @moduledoc false

  use GenServer, shutdown: 5_000

  require Logger

  def start_link(options), do: GenServer.start_link(__MODULE__, options)

  @impl true
  def init(options), do: {:ok, options, {:continue, :join}}

  @impl true
  def handle_continue(:join, state) do
    :ok = :pg.join(state.scope, :workers, self())
    {:noreply, state}
  end

  @impl true
  def handle_call({:handle, request}, _from, state), do: {:reply, state.handler.(request), state}

  @impl true
  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end
end
