defmodule Ledger.Store do
  @moduledoc """
  Keeps `balance` and `entries` in a process.

      children = [Ledger.Store]

      Ledger.Store.balance()
      #=> 0
      Ledger.Store.deposit(12)
      #=> 12
      :ok = Ledger.Store.note(:first)

  ## Options of `start_link/1`

    * `:initial` - values that fields begin with, such as `[balance: 7]`.
    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or `nil`
      to be found by its pid only. Default: `Ledger.Store`.

  ## Life cycle

  It starts with what it is given, and forgets everything when it stops.

  ## What a crash loses

  Every change, and the calls that wait: their callers exit. After a restart it begins anew.
  """

  use GenServer, restart: :permanent, shutdown: 5_000

  require Logger

  @call_timeout 5_000

  defstruct balance: 0,
            entries: []

  @type t :: %__MODULE__{
          balance: integer(),
          entries: list()
        }

  @typedoc "How it fares: how many messages wait, and how many bytes of memory it takes."
  @type health :: %{mailbox: non_neg_integer(), memory: non_neg_integer()}

  @doc "Returns its place in a supervision tree; several stand side by side under different names."
  @spec child_spec(keyword()) :: Supervisor.child_spec()
  def child_spec(options) do
    %{super(options) | id: Keyword.get(options, :name, __MODULE__)}
  end

  @doc "Starts the server; raises for an option or a value that is none, in the caller."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options) do
    options =
      Keyword.validate!(options,
        name: __MODULE__,
        initial: []
      )

    state = new(options[:initial])
    GenServer.start_link(__MODULE__, state, name: options[:name])
  end

  @doc "Returns `balance`."
  @spec balance(GenServer.server()) :: integer()
  def balance(server \\ __MODULE__) do
    GenServer.call(server, :balance, @call_timeout)
  end

  @doc "Adds to `balance` and returns the sum."
  @spec deposit(GenServer.server(), integer()) :: integer()
  def deposit(server \\ __MODULE__, amount) when is_integer(amount) do
    GenServer.call(server, {:deposit, amount}, @call_timeout)
  end

  @doc "Puts something in front of `entries`."
  @spec note(GenServer.server(), term()) :: :ok
  def note(server \\ __MODULE__, item) do
    GenServer.cast(server, {:note, item})
  end

  @doc "Returns `entries`."
  @spec entries(GenServer.server()) :: list()
  def entries(server \\ __MODULE__) do
    GenServer.call(server, :entries, @call_timeout)
  end

  @doc "Returns how it fares."
  @spec health(GenServer.server()) :: health()
  def health(server \\ __MODULE__) do
    GenServer.call(server, :health, @call_timeout)
  end

  @impl true
  def init(state), do: {:ok, state}

  @impl true
  def handle_call(:balance, _from, state) do
    {:reply, state.balance, state}
  end

  def handle_call({:deposit, amount}, _from, state) do
    state = put(state, :balance, state.balance + amount)
    {:reply, state.balance, state}
  end

  def handle_call(:entries, _from, state) do
    {:reply, state.entries, state}
  end

  def handle_call(:health, _from, state) do
    {:reply, usage(), state}
  end

  @impl true
  def handle_cast({:note, item}, state) do
    {:noreply, put(state, :entries, [item | state.entries])}
  end

  @impl true
  def handle_info(message, state) do
    Logger.warning("#{inspect(__MODULE__)} ignores #{inspect(message)}")
    {:noreply, state}
  end

  defp put(state, field, value), do: Map.replace!(state, field, value)

  defp usage do
    [message_queue_len: mailbox, memory: memory] =
      Process.info(self(), [:message_queue_len, :memory])

    %{mailbox: mailbox, memory: memory}
  end

  defp new(fields) do
    Enum.each(fields, &check!/1)
    struct!(__MODULE__, fields)
  end

  defp check!({:balance, value}) when not is_integer(value) do
    raise ArgumentError, "balance is of type integer, not #{inspect(value)}"
  end

  defp check!({:entries, value}) when not is_list(value) do
    raise ArgumentError, "entries is of type list, not #{inspect(value)}"
  end

  defp check!({_field, _value}), do: :ok
end
