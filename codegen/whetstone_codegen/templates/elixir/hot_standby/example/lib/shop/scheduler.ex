defmodule Shop.Scheduler do
  @moduledoc """
  A server that runs on every node and is active on one.

      add = fn amount, sum -> {sum + amount, sum + amount} end
      children = [{Shop.Scheduler, handle: add, initial: 0}]

      case Shop.Scheduler.command(5) do
        {:ok, sum, epoch} -> {sum, epoch}
        {:error, :nobody_active} -> :try_later
        {:error, reason} -> {:perhaps_done, reason}
      end

  ## Lifecycle

  Each node starts one under the same name. Who gets the `:global` name is active and handles commands; the others are
  standbys: they watch it, and one of them takes over when it or its node is gone. That takes milliseconds after a
  crash or an orderly stop, and up to 75 seconds for a node that vanishes silently, with the usual `net_ticktime`.
  The active one sends its state to the standbys after each command; the last command before a crash may be missing.

  ## The epoch

  Each answer carries the epoch, a number that is greater for whoever took over later. Send it along with all that is
  written elsewhere, and let the store refuse a smaller one than it has seen: a former active one that was only
  cut off does not know yet that it is not active any more. The epoch is at least the system time in microseconds, so
  it grows also when all of them were down, unless the clock was set back meanwhile.

  **This is not safe when the cluster splits.** Without a majority to decide, each half has an active one until they join
  again; then the one with the smaller epoch becomes a standby, and what it did meanwhile is dropped.

  ## Options

    * `:handle` - required: a function of a command and the state that gives `{answer, state}`
    * `:initial` - the state at the beginning, `nil` unless given
    * `:name` - an atom, the same on all nodes, the name of this module unless given
    * `:register_as` - the name of the process on this node, `:name` unless given
    * `:clock` - a function that gives the time in microseconds, for tests
  """

  use GenServer, shutdown: 5_000

  require Logger

  @call_timeout 5_000

  @type option ::
          {:handle, (term, term -> {term, term})}
          | {:initial, term}
          | {:name, atom}
          | {:register_as, atom}
          | {:clock, (() -> integer)}

  @doc "Starts this node's server. Raises `ArgumentError` for options with which it could not work."
  @spec start_link([option]) :: GenServer.on_start()
  def start_link(options) do
    options =
      Keyword.validate!(options, [
        :handle,
        :initial,
        :register_as,
        name: __MODULE__,
        clock: fn -> System.system_time(:microsecond) end
      ])

    if not is_function(options[:handle], 2) do
      raise ArgumentError, ":handle must be a function of a command and the state"
    end

    GenServer.start_link(__MODULE__, Map.new(options),
      name: options[:register_as] || options[:name]
    )
  end

  @doc "Has the active one handle a command, wherever it is; the epoch goes along with its answer."
  @spec command(atom, term, timeout) ::
          {:ok, term, pos_integer} | {:error, :nobody_active | :timeout | :lost}
  def command(name \\ __MODULE__, command, timeout \\ @call_timeout) when is_atom(name) do
    case :global.whereis_name({__MODULE__, name}) do
      :undefined -> {:error, :nobody_active}
      active -> GenServer.call(active, {:command, command}, timeout)
    end
  catch
    :exit, {:noproc, _call} -> {:error, :nobody_active}
    :exit, {:timeout, _call} -> {:error, :timeout}
    # It may have been handled, or not.
    :exit, {_reason, _call} -> {:error, :lost}
  end

  @doc "What one of them is: its role, its epoch, and who it takes for the active one."
  @spec status(GenServer.server()) :: %{role: :active | :standby, epoch: integer, active: pid}
  def status(server \\ __MODULE__), do: GenServer.call(server, :status, 5_000)

  @doc false
  # Called by :global when it finds the name twice. The one with the greater epoch stays; the other is told to step down.
  def resolve(_name, one, other) do
    [loser, winner] = Enum.sort_by([one, other], &{epoch_of(&1), &1})
    send(loser, {:step_down, winner})
    winner
  end

  defp epoch_of(server) do
    GenServer.call(server, :status, 1_000).epoch
  catch
    :exit, _gone -> -1
  end

  @impl true
  def init(options) do
    own = %{
      role: nil,
      epoch: 0,
      active: nil,
      monitor: nil,
      standbys: %{},
      state: options[:initial]
    }

    {:ok, Map.merge(options, own), {:continue, :compete}}
  end

  @impl true
  def handle_continue(:compete, server), do: {:noreply, compete(server)}

  @impl true
  def handle_call({:command, command}, _from, %{role: :active} = server) do
    {answer, state} = server.handle.(command, server.state)
    {:reply, {:ok, answer, server.epoch}, hand_over(%{server | state: state})}
  end

  # Whoever asks has heard of the former active one.
  def handle_call({:command, _command}, _from, server) do
    {:reply, {:error, :nobody_active}, server}
  end

  def handle_call(:status, _from, server) do
    {:reply, Map.take(server, [:role, :epoch, :active]), server}
  end

  @impl true
  def handle_info({:DOWN, monitor, :process, _pid, _reason}, %{monitor: monitor} = server) do
    {:noreply, compete(server)}
  end

  def handle_info({:DOWN, monitor, :process, _pid, _reason}, server) do
    {:noreply, %{server | standbys: Map.delete(server.standbys, monitor)}}
  end

  def handle_info({:step_down, active}, server), do: {:noreply, stand_by(server, active)}

  # A standby has seen an epoch of its own, so that of the active one must be beyond it.
  def handle_info({:standing_by, pid, epoch}, %{role: :active} = server) do
    standbys = Map.put(server.standbys, Process.monitor(pid), pid)
    epoch = if epoch >= server.epoch, do: epoch + 1, else: server.epoch
    {:noreply, hand_over(%{server | standbys: standbys, epoch: epoch})}
  end

  def handle_info({:hand_over, pid, epoch, state}, %{role: :standby, active: pid} = server) do
    {:noreply, %{server | epoch: max(epoch, server.epoch), state: state}}
  end

  def handle_info(message, server) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, server}
  end

  defp compete(server) do
    name = {__MODULE__, server.name}

    case :global.register_name(name, self(), &__MODULE__.resolve/3) do
      :yes -> take_over(server)
      :no -> stand_by(server, :global.whereis_name(name))
    end
  end

  defp take_over(server) do
    epoch = max(server.epoch + 1, server.clock.())
    Logger.info("#{inspect(server.name)} is active on #{node()} in epoch #{epoch}")
    %{server | role: :active, epoch: epoch, active: self(), monitor: nil, standbys: %{}}
  end

  # The one that was in the way is gone again.
  defp stand_by(server, :undefined), do: compete(server)

  defp stand_by(server, active) do
    send(active, {:standing_by, self(), server.epoch})
    monitor = Process.monitor(active)
    %{server | role: :standby, active: active, monitor: monitor, standbys: %{}}
  end

  # Standbys learn the epoch in any case: what they take over with has to be greater.
  defp hand_over(server) do
    state = server.state

    for {_monitor, pid} <- server.standbys,
        do: send(pid, {:hand_over, self(), server.epoch, state})

    server
  end
end
