defmodule Ledger.Store do
  @moduledoc """
  Keeps `balance` and `entries` in a process.

  Start it under a supervisor. Options of `start_link/1`:

    * `:initial` - values that fields begin with, such as `[balance: 7]`
    * `:name` - what the process is registered as, by default the name of this module

  After a crash the process begins again with these values: every later change is lost.
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

  @doc "Starts the server; raises `ArgumentError` for an option or a value that is none."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options) do
    options = Keyword.validate!(options, initial: [], name: __MODULE__)
    GenServer.start_link(__MODULE__, new(options[:initial]), name: options[:name])
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

  @impl true
  def init(state), do: {:ok, state}

  @impl true
  def handle_call(:balance, _from, state) do
    {:reply, state.balance, state}
  end

  def handle_call({:deposit, amount}, _from, state) do
    state = %{state | balance: state.balance + amount}
    {:reply, state.balance, state}
  end

  def handle_call(:entries, _from, state) do
    {:reply, state.entries, state}
  end

  @impl true
  def handle_cast({:note, item}, state) do
    {:noreply, %{state | entries: [item | state.entries]}}
  end

  @impl true
  def handle_info(message, state) do
    Logger.warning("#{inspect(__MODULE__)} ignores #{inspect(message)}")
    {:noreply, state}
  end

  defp new(initial) do
    Enum.each(initial, &check!/1)
    struct!(__MODULE__, initial)
  end

  defp check!({:balance, value}) when not is_integer(value) do
    raise ArgumentError, "balance is of type integer, not #{inspect(value)}"
  end

  defp check!({:entries, value}) when not is_list(value) do
    raise ArgumentError, "entries is of type list, not #{inspect(value)}"
  end

  defp check!(_field), do: :ok
end
