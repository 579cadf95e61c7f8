defmodule Chat.Rooms do
  @moduledoc """
  Starts workers on demand, one for each key, and finds and stops them by their key.

      {:ok, pid} = Chat.Rooms.start_child("lobby", {Worker, topic: "tea"})

  A worker is a module with its options, a keyword list; `:name` is added to them, and the worker has
  to be registered under it, as `GenServer.start_link/3` does.

  ## Options of `start_link/1`

    * `:name` - an atom: what it is registered as, and the beginning of the names of its parts.
      Default: `Chat.Rooms`.
    * `:max_children` - how many workers there may be. Default: 1_000.
    * `:max_restarts`, `:max_seconds` - how many restarts of workers in how many seconds are borne.
      Default: 3 in 5. After one more, all workers are stopped, and it begins anew.

  ## Life cycle

  It is a supervisor of two: a registry of keys, and a `DynamicSupervisor` of workers. Without the
  one the other is of no use, so when either ends, both begin anew, without workers.

  A worker that ends normally is gone, and so is its key; one that crashes is started again under
  its key.
  What a worker knew is lost with it, and a restart of the whole loses which workers there were.
  """

  use Supervisor

  @type key :: term()

  @doc "Returns its place in a supervision tree; several stand side by side under different names."
  @spec child_spec(keyword()) :: Supervisor.child_spec()
  def child_spec(options) do
    %{super(options) | id: Keyword.get(options, :name, __MODULE__)}
  end

  @doc "Starts it, without workers; raises for an option that is none, in the caller."
  @spec start_link(keyword()) :: Supervisor.on_start()
  def start_link(options) do
    options =
      Keyword.validate!(options,
        name: __MODULE__,
        max_children: 1_000,
        max_restarts: 3,
        max_seconds: 5
      )

    Supervisor.start_link(__MODULE__, options, name: options[:name])
  end

  @doc """
  Starts a worker under a key.

  Returns `{:error, {:already_started, pid}}` when the key has a worker already,
  `{:error, :max_children}` when there are as many workers as there may be, and otherwise what the
  worker's `start_link/1` returns.
  """
  @spec start_child(atom(), key(), {module(), keyword()}) :: DynamicSupervisor.on_start_child()
  def start_child(name \\ __MODULE__, key, {module, options})
      when is_atom(name) and is_atom(module) and is_list(options) do
    case find(name, key) do
      {:ok, pid} -> {:error, {:already_started, pid}}
      {:error, :not_found} -> start_worker(name, key, module, options)
    end
  end

  @doc "Stops the worker of a key, and waits until it is gone; it is not started again."
  @spec stop_child(atom(), key()) :: :ok | {:error, :not_found}
  def stop_child(name \\ __MODULE__, key) when is_atom(name) do
    with {:ok, pid} <- find(name, key) do
      DynamicSupervisor.terminate_child(workers(name), pid)
    end
  end

  @doc "Returns the worker of a key."
  @spec find(atom(), key()) :: {:ok, pid()} | {:error, :not_found}
  def find(name \\ __MODULE__, key) when is_atom(name) do
    case Registry.lookup(registry(name), key) do
      [{pid, _value}] -> {:ok, pid}
      [] -> {:error, :not_found}
    end
  end

  @doc "Returns every key with its worker, in no order."
  @spec list(atom()) :: [{key(), pid()}]
  def list(name \\ __MODULE__) when is_atom(name) do
    Registry.select(registry(name), [{{:"$1", :"$2", :_}, [], [{{:"$1", :"$2"}}]}])
  end

  @doc false
  # What is ignored, the supervisor forgets. So it does when somebody else got the key while a crashed
  # worker was about to be restarted, instead of trying until it has to give up itself.
  def start_once({module, function, arguments}) do
    with {:error, {:already_started, _pid}} <- apply(module, function, arguments), do: :ignore
  end

  @impl true
  def init(options) do
    limits = Keyword.take(options, [:max_children, :max_restarts, :max_seconds])

    children = [
      {Registry, keys: :unique, name: registry(options[:name])},
      {DynamicSupervisor, [name: workers(options[:name]), strategy: :one_for_one] ++ limits}
    ]

    # A registry without its workers knows nothing, and workers without their registry are lost.
    Supervisor.init(children, strategy: :one_for_all)
  end

  defp start_worker(name, key, module, options) do
    via = {:via, Registry, {registry(name), key}}
    worker = Supervisor.child_spec({module, [name: via] ++ options}, [])

    spec = %{
      id: key,
      start: {__MODULE__, :start_once, [worker.start]},
      restart: :transient,
      shutdown: 5_000,
      type: Map.get(worker, :type, :worker)
    }

    with :ignore <- DynamicSupervisor.start_child(workers(name), spec),
         {:ok, pid} <- find(name, key) do
      {:error, {:already_started, pid}}
    else
      {:error, :not_found} -> :ignore
      started_or_not -> started_or_not
    end
  end

  defp registry(name), do: Module.concat(name, Registry)

  defp workers(name), do: Module.concat(name, Workers)
end
