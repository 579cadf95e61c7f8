defmodule Shop.Events do
  @moduledoc """
  Tells every process that subscribed to a topic what happened.

      children = [Shop.Events]

      :ok = Shop.Events.subscribe(Shop.Events, {:order, 42})
      1 = Shop.Events.publish(Shop.Events, {:order, 42}, %{kind: :paid})

      def handle_info({Shop.Events, {:order, 42}, event}, state)

  ## What is promised

    * Each subscriber gets each event at most once, as a message of the publisher, so events of one
      publisher arrive in order. Nothing is stored: what must not be missed is stored elsewhere,
      and the event says that there is something to read.
    * Publishing waits for nobody. A subscriber that is slower than events come fills its mailbox:
      let it drop, batch or ask for more.
    * A subscription belongs to the process that makes it and ends with it. Subscribing again to
      the same topic does not deliver twice.
    * Only subscribers on the publisher's own node are told.

  A topic is any term.
  Each event is copied to each subscriber: tell what happened and a key, not the whole record.

  ## Options

    * `:name` - an atom. Default: `Shop.Events`.
    * `:partitions` - into how many tables subscribers are divided. Default: 1.

  ## After a restart

  All subscriptions are gone, and with them the subscribers, which are linked to it: they are
  started again by their own supervisors, and subscribe in `init/1`. So they belong after it in the
  tree.
  """

  @type name :: atom()
  @type topic :: term()
  @type event :: term()
  @type option ::
          {:name, name()}
          | {:partitions, pos_integer()}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]},
      type: :supervisor
    }
  end

  @doc "Starts it without subscribers; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: {:ok, pid()} | {:error, term()}
  def start_link(options \\ []) do
    options = checked!(options)

    Registry.start_link(
      keys: :duplicate,
      name: options[:name],
      partitions: options[:partitions]
    )
  end

  @doc """
  Subscribes the calling process to a topic: it gets a message `{Shop.Events, topic, event}` for
  each event.
  """
  @spec subscribe(name(), topic()) :: :ok
  def subscribe(name, topic) when is_atom(name) do
    if topic not in Registry.keys(name, self()) do
      {:ok, _owner} = Registry.register(name, topic, nil)
    end

    :ok
  end

  @doc "Ends the calling process's subscription to a topic, if it has one."
  @spec unsubscribe(name(), topic()) :: :ok
  def unsubscribe(name, topic) when is_atom(name) do
    Registry.unregister(name, topic)
  end

  @doc "Tells the subscribers of a topic what happened, and returns how many were told."
  @spec publish(name(), topic(), event()) :: non_neg_integer()
  def publish(name, topic, event) when is_atom(name) do
    message = {__MODULE__, topic, event}
    told = for {pid, nil} <- Registry.lookup(name, topic), do: pid
    Enum.each(told, &send(&1, message))
    length(told)
  end

  @doc "Tells how many processes are subscribed to a topic."
  @spec subscribers(name(), topic()) :: non_neg_integer()
  def subscribers(name, topic) when is_atom(name) do
    length(Registry.lookup(name, topic))
  end

  defp checked!(options) do
    options = Keyword.validate!(options, defaults())

    if not is_atom(options[:name]) or options[:name] == nil do
      raise ArgumentError, "name is an atom, not #{inspect(options[:name])}"
    end

    options
  end

  defp defaults do
    [
      name: __MODULE__,
      partitions: 1
    ]
  end
end
