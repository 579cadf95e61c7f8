defmodule Shop.Imports do
  @moduledoc """
  A pipeline whose stages ask for as many items as they can take, so that nothing piles up between them.

      children = [{Shop.Imports, stages: [&String.trim/1], handler: &IO.inspect/1}]

      :ok = Shop.Imports.push(" tea ")
      # The handler gets ["tea"], with what else is pushed until the batch is full or :batch_timeout is over.

  ## Lifecycle

      push/3 → source → stages → batches → :handler

  A supervisor starts these as processes of their own, and each subscribes to the one before it.
  Nobody is sent more than it asked for: at most `:max_demand` items are with each stage, and a
  finished one is what lets the next one come. A slow handler thereby slows everything up to the source,
  which holds at most `:max_unfinished` items.
  When it is full, `push/3` waits for room; that is how slowness reaches whoever pushes.

  ## Options

    * `:handler` - required: a function of one batch, a list of items in the order in which they were pushed
    * `:stages` - functions of one item that give the item for the next stage; each runs in its own process
    * `:name` - an atom, the name of this module unless given; two pipelines need two names
    * `:max_unfinished` - how many items the source holds until they are handled, no fewer than `:batch_size`
    * `:max_demand` - how many items a stage asks for, no fewer than `:batch_size` either
    * `:batch_size` - how many items make a batch
    * `:batch_timeout` - after how many milliseconds an incomplete batch is handled

  ## When something crashes

  Only what crashed is restarted; its neighbours watch it, and subscriptions are made again.
  Items that it had and that were not finished are sent to it again, in order: `:handler` must bear to see an item
  twice, and an item that crashes it every time ends the pipeline with its supervisor.
  What waits in the source is lost when the source crashes and when the pipeline is stopped.
  """

  use Supervisor

  alias __MODULE__.Batches
  alias __MODULE__.Source
  alias __MODULE__.Stage

  @defaults [
    name: __MODULE__,
    stages: [],
    max_unfinished: 1_000,
    max_demand: 50,
    batch_size: 10,
    batch_timeout: 1_000
  ]

  @type option ::
          {:handler, ([term] -> term)}
          | {:stages, [(term -> term)]}
          | {:name, atom}
          | {:max_unfinished, pos_integer}
          | {:max_demand, pos_integer}
          | {:batch_size, pos_integer}
          | {:batch_timeout, pos_integer}

  @doc "Starts the pipeline. Raises `ArgumentError` for options with which it could not work."
  @spec start_link([option]) :: Supervisor.on_start()
  def start_link(options) do
    options = options |> Keyword.validate!([:handler | @defaults]) |> Map.new() |> check!()
    Supervisor.start_link(__MODULE__, options, name: options.name)
  end

  @doc """
  Hands over one item as soon as there is room for it.

  Exits when that takes longer than `timeout` milliseconds; the item is then not taken later either.
  """
  @spec push(atom, term, pos_integer) :: :ok
  def push(pipeline \\ __MODULE__, item, timeout \\ 5_000)
      when is_atom(pipeline) and is_integer(timeout) and timeout > 0 do
    deadline = System.monotonic_time(:millisecond) + timeout
    GenServer.call(process_name(pipeline, "Source"), {:push, item, deadline}, timeout)
  end

  @doc "How many items wait in the source, and how many it has sent on that are not finished."
  @spec unfinished(atom) :: %{waiting: non_neg_integer, sent: non_neg_integer}
  def unfinished(pipeline \\ __MODULE__) when is_atom(pipeline) do
    GenServer.call(process_name(pipeline, "Source"), :unfinished, 5_000)
  end

  @impl true
  def init(options) do
    numbered = Enum.with_index(options.stages, 1)
    {stages, last} = Enum.map_reduce(numbered, "Source", &stage(&1, &2, options))

    children =
      [{Source, Map.put(options, :name, process_name(options.name, "Source"))}] ++
        stages ++
        [{Batches, joined(options, "Batches", last)}]

    # One for one: the neighbours of a stage outlive it and keep what they hold.
    Supervisor.init(children, strategy: :one_for_one, max_restarts: 3, max_seconds: 5)
  end

  defp stage({function, position}, producer, options) do
    id = "Stage#{position}"
    start = {Stage, options |> joined(id, producer) |> Map.put(:function, function)}
    {Supervisor.child_spec(start, id: id), id}
  end

  defp joined(options, id, producer) do
    %{options | name: process_name(options.name, id)}
    |> Map.put(:producer, process_name(options.name, producer))
  end

  # Made of names in this file, so that there are only as many atoms as stages.
  defp process_name(pipeline, id), do: Module.concat(pipeline, id)

  defp check!(%{handler: handler} = options) when is_function(handler, 1) do
    for key <- [:max_unfinished, :max_demand, :batch_size, :batch_timeout],
        value = options[key],
        not (is_integer(value) and value > 0) do
      raise ArgumentError, "#{inspect(key)} must be a positive integer, not #{inspect(value)}"
    end

    for key <- [:max_unfinished, :max_demand], options[key] < options.batch_size do
      raise ArgumentError,
            "#{inspect(key)} must be no less than :batch_size, or no batch gets full"
    end

    options
  end

  defp check!(_options), do: raise(ArgumentError, ":handler must be a function of one batch")
end

defmodule Shop.Imports.Source do
  @moduledoc false
  # Where items come in: holds them until they are finished, and no more of them than it may.

  use GenServer

  alias Shop.Imports.Outbox

  require Logger

  def start_link(options), do: GenServer.start_link(__MODULE__, options, name: options.name)

  @impl true
  def init(options) do
    {:ok, %{outbox: Outbox.new(), limit: options.max_unfinished, pushing: :queue.new()}}
  end

  @impl true
  def handle_call({:push, item, deadline}, from, state) do
    {:noreply, admit(%{state | pushing: :queue.in({from, item, deadline}, state.pushing)})}
  end

  def handle_call(:unfinished, _from, state) do
    {:reply, Outbox.counts(state.outbox), state}
  end

  @impl true
  def handle_info({:subscribe, consumer, ref, demand}, state) do
    {outbox, _lost} = Outbox.subscribe(state.outbox, consumer, ref, demand)
    {:noreply, admit(%{state | outbox: outbox})}
  end

  def handle_info({:ask, ref, done, more}, %{outbox: %{ref: ref}} = state) do
    outbox = Outbox.ask(state.outbox, done, more)
    {:noreply, admit(%{state | outbox: outbox})}
  end

  def handle_info({:DOWN, ref, :process, _pid, _reason}, %{outbox: %{monitor: ref}} = state) do
    {outbox, _lost} = Outbox.unsubscribe(state.outbox)
    {:noreply, admit(%{state | outbox: outbox})}
  end

  # Also what a former consumer had asked for, and what is no longer of interest.
  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end

  defp admit(state) do
    with true <- Outbox.size(state.outbox) < state.limit,
         {{:value, {from, item, deadline}}, pushing} <- :queue.out(state.pushing) do
      admit(take(%{state | pushing: pushing}, from, item, deadline))
    else
      _full_or_nobody -> %{state | outbox: Outbox.deliver(state.outbox)}
    end
  end

  # Whoever gave up has been told so by its timeout, so its item must not arrive after all.
  defp take(state, from, item, deadline) do
    if System.monotonic_time(:millisecond) < deadline do
      GenServer.reply(from, :ok)
      %{state | outbox: Outbox.put(state.outbox, item)}
    else
      state
    end
  end
end

defmodule Shop.Imports.Stage do
  @moduledoc false
  # Applies one function; an item is finished here when the stage after this one has finished it.

  use GenServer

  alias Shop.Imports.Inbox
  alias Shop.Imports.Outbox

  require Logger

  def start_link(options), do: GenServer.start_link(__MODULE__, options, name: options.name)

  @impl true
  def init(options) do
    state = %{
      function: options.function,
      inbox: Inbox.new(options.producer, options.max_demand),
      outbox: Outbox.new()
    }

    {:ok, state, {:continue, :subscribe}}
  end

  @impl true
  def handle_continue(:subscribe, state) do
    {:noreply, %{state | inbox: Inbox.subscribe(state.inbox)}}
  end

  @impl true
  def handle_info({:items, ref, items}, %{inbox: %{ref: ref}} = state) do
    outbox = Enum.reduce(items, state.outbox, &Outbox.put(&2, state.function.(&1)))
    inbox = Inbox.take(state.inbox, length(items))
    {:noreply, %{state | inbox: inbox, outbox: Outbox.deliver(outbox)}}
  end

  def handle_info({:subscribe, consumer, ref, demand}, state) do
    {outbox, lost} = Outbox.subscribe(state.outbox, consumer, ref, demand)
    {:noreply, %{state | outbox: outbox, inbox: Inbox.finish(state.inbox, lost)}}
  end

  def handle_info({:ask, ref, done, more}, %{outbox: %{ref: ref}} = state) do
    outbox = Outbox.ask(state.outbox, done, more)
    {:noreply, %{state | outbox: outbox, inbox: Inbox.finish(state.inbox, done)}}
  end

  def handle_info({:DOWN, ref, :process, _pid, _reason}, %{outbox: %{monitor: ref}} = state) do
    {outbox, lost} = Outbox.unsubscribe(state.outbox)
    {:noreply, %{state | outbox: outbox, inbox: Inbox.finish(state.inbox, lost)}}
  end

  def handle_info({:DOWN, ref, :process, _pid, _reason}, %{inbox: %{ref: ref}} = state) do
    {:noreply, %{state | inbox: Inbox.subscribe(state.inbox)}}
  end

  def handle_info({:timeout, retry, :subscribe}, %{inbox: %{retry: retry}} = state) do
    {:noreply, %{state | inbox: Inbox.subscribe(state.inbox)}}
  end

  # Also what a former neighbour had sent: it is not ours to finish.
  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end
end

defmodule Shop.Imports.Batches do
  @moduledoc false
  # Gathers items until there are enough of them, or until the first has waited long enough.

  use GenServer

  alias Shop.Imports.Inbox

  require Logger

  def start_link(options), do: GenServer.start_link(__MODULE__, options, name: options.name)

  @impl true
  def init(options) do
    state =
      options
      |> Map.take([:handler, :batch_size, :batch_timeout])
      |> Map.put(:inbox, Inbox.new(options.producer, options.max_demand))
      |> Map.merge(%{batch: [], count: 0, timer: nil})

    {:ok, state, {:continue, :subscribe}}
  end

  @impl true
  def handle_continue(:subscribe, state) do
    {:noreply, %{state | inbox: Inbox.subscribe(state.inbox)}}
  end

  @impl true
  def handle_info({:items, ref, items}, %{inbox: %{ref: ref}} = state) do
    state = %{state | inbox: Inbox.take(state.inbox, length(items))}
    {:noreply, items |> Enum.reduce(state, &add/2) |> arm()}
  end

  def handle_info({:timeout, timer, :flush}, %{timer: timer} = state) do
    {:noreply, flush(state)}
  end

  def handle_info({:DOWN, ref, :process, _pid, _reason}, %{inbox: %{ref: ref}} = state) do
    {:noreply, %{state | inbox: Inbox.subscribe(state.inbox)}}
  end

  def handle_info({:timeout, retry, :subscribe}, %{inbox: %{retry: retry}} = state) do
    {:noreply, %{state | inbox: Inbox.subscribe(state.inbox)}}
  end

  # Also what a former producer had sent, and a timer that was too late to be cancelled.
  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end

  defp add(item, state) do
    state = %{state | batch: [item | state.batch], count: state.count + 1}
    if state.count < state.batch_size, do: state, else: flush(state)
  end

  # The items count as finished only after the handler: a crash in it leaves them with the producer.
  defp flush(state) do
    if state.timer, do: :erlang.cancel_timer(state.timer)
    state.handler.(Enum.reverse(state.batch))
    %{state | inbox: Inbox.finish(state.inbox, state.count), batch: [], count: 0, timer: nil}
  end

  defp arm(%{count: count, timer: nil} = state) when count > 0 do
    %{state | timer: :erlang.start_timer(state.batch_timeout, self(), :flush)}
  end

  defp arm(state), do: state
end

defmodule Shop.Imports.Outbox do
  @moduledoc false
  # What a process holds for its consumer: sent items, then waiting ones, both in order.

  defstruct waiting: :queue.new(),
            waiting_count: 0,
            sent: :queue.new(),
            sent_count: 0,
            demand: 0,
            consumer: nil,
            ref: nil,
            monitor: nil

  def new, do: %__MODULE__{}

  def size(outbox), do: outbox.waiting_count + outbox.sent_count

  def counts(outbox), do: %{waiting: outbox.waiting_count, sent: outbox.sent_count}

  def put(outbox, item) do
    %{outbox | waiting: :queue.in(item, outbox.waiting), waiting_count: outbox.waiting_count + 1}
  end

  # A consumer that was restarted may subscribe before its former end is heard of.
  def subscribe(outbox, consumer, ref, demand) do
    {outbox, lost} = unsubscribe(outbox)

    outbox = %{
      outbox
      | consumer: consumer,
        ref: ref,
        monitor: Process.monitor(consumer),
        demand: demand
    }

    {deliver(outbox), lost}
  end

  # Gives the outbox without its consumer, and how many items are lost with it: what was sent goes back in front.
  def unsubscribe(outbox) do
    if outbox.monitor, do: Process.demonitor(outbox.monitor, [:flush])

    outbox = %{
      outbox
      | waiting: :queue.join(outbox.sent, outbox.waiting),
        waiting_count: outbox.waiting_count + outbox.sent_count
    }

    {forget(outbox), 0}
  end

  # The consumer has finished the `done` oldest of the items that it was sent, and takes `more` new ones.
  def ask(outbox, done, more) do
    {_done, sent} = :queue.split(done, outbox.sent)

    deliver(%{
      outbox
      | sent: sent,
        sent_count: outbox.sent_count - done,
        demand: outbox.demand + more
    })
  end

  def deliver(outbox) do
    case min(outbox.demand, outbox.waiting_count) do
      0 -> outbox
      count -> deliver(outbox, count)
    end
  end

  defp deliver(outbox, count) do
    {items, waiting} = :queue.split(count, outbox.waiting)
    send(outbox.consumer, {:items, outbox.ref, :queue.to_list(items)})

    %{
      outbox
      | waiting: waiting,
        waiting_count: outbox.waiting_count - count,
        sent: :queue.join(outbox.sent, items),
        sent_count: outbox.sent_count + count,
        demand: outbox.demand - count
    }
  end

  defp forget(outbox) do
    %{
      outbox
      | sent: :queue.new(),
        sent_count: 0,
        demand: 0,
        consumer: nil,
        ref: nil,
        monitor: nil
    }
  end
end

defmodule Shop.Imports.Inbox do
  @moduledoc false
  # A subscription: whom it is to, how many items are held, and how many of them came by a former one.

  @retry_after 20

  defstruct [:producer, :max_demand, pid: nil, ref: nil, retry: nil, held: 0, former: 0]

  def new(producer, max_demand), do: %__MODULE__{producer: producer, max_demand: max_demand}

  # While the producer is being restarted there is nobody to subscribe to.
  def subscribe(inbox) do
    case Process.whereis(inbox.producer) do
      nil -> %{inbox | pid: nil, ref: nil, retry: retry()}
      pid -> subscribe(inbox, pid)
    end
  end

  def take(inbox, count), do: %{inbox | held: inbox.held + count}

  def finish(inbox, 0), do: inbox

  # The oldest are finished first, and a producer that never sent them must not count them as its own.
  def finish(inbox, count) do
    former = min(count, inbox.former)
    if inbox.pid, do: send(inbox.pid, {:ask, inbox.ref, count - former, count})
    %{inbox | held: inbox.held - count, former: inbox.former - former}
  end

  defp subscribe(inbox, pid) do
    ref = Process.monitor(pid)
    send(pid, {:subscribe, self(), ref, inbox.max_demand - inbox.held})
    %{inbox | pid: pid, ref: ref, retry: nil, former: inbox.held}
  end

  defp retry, do: :erlang.start_timer(@retry_after, self(), :subscribe)
end
