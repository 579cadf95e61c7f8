defmodule Shop.Cluster do
  @moduledoc """
  Connects the nodes of a cluster and tells who is there.

      children = [{Shop.Cluster, nodes: [:"shop@10.0.0.7", :"shop@10.0.0.8"]}]

      Shop.Cluster.subscribe()
      #=> [], and {:member_up, :"shop@10.0.0.8"} as a message once that node is there

  ## Lifecycle

  The nodes are those in `:nodes`.
  Each of them that is not connected is tried again and again, with pauses that double up to a minute and are varied,
  so that nodes do not all try at once. Attempts run in tasks, because one may take seconds.
  Any other node that connects is not a member, and is never connected from here.

  Subscribers get `{:member_up, node}` and `{:member_down, node}`, once each, when it has been so for `:debounce`
  milliseconds: a node that is lost for a moment makes no noise. They are forgotten when they end.

  ## Options

    * `:nodes` - the nodes that belong to the cluster; this one may be among them
    * `:debounce`, `:backoff` - milliseconds, 2_000 and 1_000 unless given
    * `:connect` - functions that stand in for those of Erlang, for tests
    * `:name` - what the process is registered as, the name of this module unless given

  ## After a crash

  The process looks who is there and begins again; subscriptions are lost, so subscribers should watch it. Connections
  stay. Whether a lost node is down or only cut off cannot be known, so both halves of a split cluster go on.
  """

  use GenServer

  require Logger

  @call_timeout 5_000
  @longest_pause 60_000

  @type option :: {atom, term}

  @doc "Starts it. Raises `ArgumentError` for options with which it could not work."
  @spec start_link([option]) :: GenServer.on_start()
  def start_link(options) do
    options =
      options
      |> Keyword.validate!(
        nodes: [],
        debounce: 2_000,
        backoff: 1_000,
        name: __MODULE__,
        connect: &Node.connect/1
      )
      |> Map.new()
      |> check!()

    GenServer.start_link(__MODULE__, options, name: options.name)
  end

  @doc "The members that are there, without this node."
  @spec members(GenServer.server()) :: [node]
  def members(cluster \\ __MODULE__), do: GenServer.call(cluster, :members, @call_timeout)

  @doc "Tells the caller of members that come and go, from now on; returns those that are there."
  @spec subscribe(GenServer.server()) :: [node]
  def subscribe(cluster \\ __MODULE__), do: GenServer.call(cluster, :subscribe, @call_timeout)

  @impl true
  def init(options) do
    :ok = :net_kernel.monitor_nodes(true)

    own = %{
      allowed: MapSet.new(),
      connected: MapSet.new(Node.list()),
      members: MapSet.new(),
      changing: %{},
      attempts: %{},
      tasks: %{},
      subscribers: %{}
    }

    {:ok, Map.merge(options, own), {:continue, :begin}}
  end

  @impl true
  def handle_continue(:begin, state), do: {:noreply, allow(state, state.nodes)}

  @impl true
  def handle_call(:members, _from, state), do: {:reply, Enum.sort(state.members), state}

  def handle_call(:subscribe, {pid, _tag}, state) do
    known? = Enum.any?(state.subscribers, &match?({_monitor, ^pid}, &1))
    new = if known?, do: %{}, else: %{Process.monitor(pid) => pid}
    state = %{state | subscribers: Map.merge(state.subscribers, new)}
    {:reply, Enum.sort(state.members), state}
  end

  @impl true
  def handle_info({:nodeup, node}, state) do
    {:noreply, settle(%{state | connected: MapSet.put(state.connected, node)}, node)}
  end

  def handle_info({:nodedown, node}, state) do
    {:noreply, settle(%{state | connected: MapSet.delete(state.connected, node)}, node)}
  end

  def handle_info({:timeout, timer, {:changed, node}}, state) do
    case state.changing do
      %{^node => ^timer} -> {:noreply, announce(state, node)}
      _stale -> {:noreply, state}
    end
  end

  def handle_info({:timeout, timer, {:connect, node}}, state) do
    case state.attempts do
      %{^node => {count, ^timer}} -> {:noreply, connect(state, node, count)}
      _stale -> {:noreply, state}
    end
  end

  def handle_info({:DOWN, monitor, :process, _pid, reason}, state) do
    case Map.pop(state.tasks, monitor) do
      {nil, _tasks} -> {:noreply, %{state | subscribers: Map.delete(state.subscribers, monitor)}}
      {task, tasks} -> {:noreply, finished(task, reason, %{state | tasks: tasks})}
    end
  end

  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end

  # What a node is now, and what follows from it: a timer for its subscribers, and attempts to connect it.
  defp settle(state, node) do
    cond do
      node not in state.allowed -> state |> forget(node) |> change(node)
      node in state.connected -> state |> forget(node) |> change(node)
      is_map_key(state.attempts, node) -> change(state, node)
      true -> state |> change(node) |> connect(node, 0)
    end
  end

  defp allow(state, nodes) do
    state = %{state | allowed: MapSet.delete(MapSet.new(nodes), node())}
    state.connected |> MapSet.union(state.allowed) |> Enum.reduce(state, &settle(&2, &1))
  end

  defp connect(state, node, count) do
    %{connect: connect} = state
    state = %{state | attempts: Map.put(state.attempts, node, {count, nil})}
    start_task(state, {:connect, node}, fn -> connect.(node) end)
  end

  # Not linked: what a task is given may fail without harm to this process, and its result is the reason it ends with.
  defp start_task(state, task, fun) do
    {_pid, monitor} = spawn_monitor(fn -> exit({:done, fun.()}) end)
    %{state | tasks: Map.put(state.tasks, monitor, task)}
  end

  # What matters is not what the attempt says but whether the node comes up; if not, it is tried again.
  defp finished({:connect, node}, _result, state) do
    case state.attempts do
      %{^node => {count, nil}} ->
        timer = start_timer(pause(state.backoff, count), {:connect, node})
        %{state | attempts: Map.put(state.attempts, node, {count + 1, timer})}

      _connected_or_forgotten ->
        state
    end
  end

  defp pause(backoff, count) do
    longest = min(backoff * Integer.pow(2, min(count, 16)), @longest_pause)
    div(longest, 2) + :rand.uniform(longest)
  end

  defp start_timer(time, message), do: :erlang.start_timer(time, self(), message)

  defp forget(state, node) do
    {attempt, attempts} = Map.pop(state.attempts, node)
    with {_count, timer} when timer != nil <- attempt, do: :erlang.cancel_timer(timer)
    %{state | attempts: attempts}
  end

  # A change is announced when it has lasted; one that is taken back before never was.
  defp change(state, node) do
    {timer, changing} = Map.pop(state.changing, node)
    if timer, do: :erlang.cancel_timer(timer)

    if member?(state, node) == node in state.members do
      %{state | changing: changing}
    else
      %{state | changing: Map.put(changing, node, start_timer(state.debounce, {:changed, node}))}
    end
  end

  defp member?(state, node), do: node in state.allowed and node in state.connected

  defp announce(state, node) do
    state = %{state | changing: Map.delete(state.changing, node)}

    if member?(state, node) do
      tell(state, {:member_up, node})
      %{state | members: MapSet.put(state.members, node)}
    else
      tell(state, {:member_down, node})
      %{state | members: MapSet.delete(state.members, node)}
    end
  end

  defp tell(state, event) do
    for {_monitor, pid} <- state.subscribers, do: send(pid, event)
  end

  defp check!(%{nodes: nodes} = options) do
    if not (is_list(nodes) and Enum.all?(nodes, &is_atom/1)) do
      raise ArgumentError, ":nodes must be a list of names of nodes"
    end

    for key <- [:debounce, :backoff],
        not (is_integer(options[key]) and options[key] > 0) do
      raise ArgumentError, "#{inspect(key)} must be a positive number of milliseconds"
    end

    options
  end
end
