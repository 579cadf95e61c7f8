defmodule Shop.Order do
  @moduledoc """
  A state machine, which begins in `:pending`:

  | state | event | next state |
  |---|---|---|
  | `:pending` | `:pay` | `:paid` |
  | `:paid` | `:ship` | `:shipped` |
  | `:pending` | `:cancel` | `:cancelled` |
  | `:paid` | `:cancel` | `:cancelled` |

      {:ok, machine} = Shop.Order.start_link(name: nil)
      {:ok, :paid} = Shop.Order.trigger(machine, :pay)

  An event that its state does not allow changes nothing; its caller gets
  `{:error, {:not_allowed, state}}`.
  An event that leads from a state to itself enters it again.

  ## Options

    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or
      `nil` to be found by its pid only. Default: `Shop.Order`.
    * `:state` - the state to begin in, such as one that was stored. Default: `:pending`.
    * `:timeouts` - by state, how many milliseconds it may last, and the event that comes then:
      `%{pending: {60_000, :pay}}`. Whoever leaves a state leaves its time behind.
    * `:changed` - a function of the old and the new state, called by the machine at each change
      and before the caller has its answer. When it fails, so does the machine, before the change.

  ## After a restart

  Its supervisor starts it again whenever it stops.
  Its state is lost, with all time-outs: it begins in `:state`. What must go on is stored by `:changed`.
  """

  @behaviour :gen_statem

  require Logger

  @call_timeout 5_000
  @states [
    :pending,
    :paid,
    :shipped,
    :cancelled
  ]
  @events [
    :pay,
    :ship,
    :cancel
  ]

  defstruct [
    :name,
    :timeouts,
    :changed,
    :state
  ]

  @type machine :: GenServer.server()
  @type state ::
          :pending
          | :paid
          | :shipped
          | :cancelled
  @type event ::
          :pay
          | :ship
          | :cancel
  @type option ::
          {:name, GenServer.name() | nil}
          | {:state, state()}
          | {:timeouts, %{optional(state()) => {pos_integer(), event()}}}
          | {:changed, (state(), state() -> term())}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]},
      restart: :permanent
    }
  end

  @doc "Starts it; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: :ignore | {:ok, pid()} | {:error, term()}
  def start_link(options \\ []) do
    settings = checked!(options)
    how = []

    case settings.name do
      nil -> :gen_statem.start_link(__MODULE__, settings, how)
      name when is_atom(name) -> :gen_statem.start_link({:local, name}, __MODULE__, settings, how)
      name -> :gen_statem.start_link(name, __MODULE__, settings, how)
    end
  end

  @doc "Lets an event happen, and returns the state that it led to."
  @spec trigger(machine(), event()) :: {:ok, state()} | {:error, {:not_allowed, state()}}
  def trigger(machine, event) when event in @events do
    :gen_statem.call(machine, {:event, event}, @call_timeout)
  end

  @doc "Tells which state it is in."
  @spec state(machine()) :: state()
  def state(machine), do: :gen_statem.call(machine, :state, @call_timeout)

  @impl :gen_statem
  def callback_mode, do: [:state_functions, :state_enter]

  @impl :gen_statem
  def init(settings), do: {:ok, settings.state, settings}

  # pending

  @doc false
  @spec pending(term(), term(), term()) ::
          :gen_statem.event_handler_result(state())
  def pending(:enter, _old, machine) do
    entered(:pending, machine)
  end

  def pending(type, {:event, :pay}, machine) do
    change(:pending, :paid, type, machine)
  end

  def pending(type, {:event, :cancel}, machine) do
    change(:pending, :cancelled, type, machine)
  end

  def pending(type, content, _machine) do
    other(type, content, :pending)
  end

  # paid

  @doc false
  @spec paid(term(), term(), term()) ::
          :gen_statem.event_handler_result(state())
  def paid(:enter, _old, machine) do
    entered(:paid, machine)
  end

  def paid(type, {:event, :ship}, machine) do
    change(:paid, :shipped, type, machine)
  end

  def paid(type, {:event, :cancel}, machine) do
    change(:paid, :cancelled, type, machine)
  end

  def paid(type, content, _machine) do
    other(type, content, :paid)
  end

  # shipped

  @doc false
  @spec shipped(term(), term(), term()) ::
          :gen_statem.event_handler_result(state())
  def shipped(:enter, _old, machine) do
    entered(:shipped, machine)
  end

  def shipped(type, content, _machine) do
    other(type, content, :shipped)
  end

  # cancelled

  @doc false
  @spec cancelled(term(), term(), term()) ::
          :gen_statem.event_handler_result(state())
  def cancelled(:enter, _old, machine) do
    entered(:cancelled, machine)
  end

  def cancelled(type, content, _machine) do
    other(type, content, :cancelled)
  end

  defp change(old, new, type, machine) do
    machine.changed.(old, new)
    replies = for {:call, from} <- [type], do: {:reply, from, {:ok, new}}

    if new == old,
      do: {:repeat_state, machine, replies},
      else: {:next_state, new, machine, replies}
  end

  defp other({:call, from}, :state, state) do
    {:keep_state_and_data, {:reply, from, state}}
  end

  defp other({:call, from}, {:event, _event}, state) do
    {:keep_state_and_data, {:reply, from, {:error, {:not_allowed, state}}}}
  end

  defp other(:info, message, state) do
    Logger.warning(fn -> "#{inspect(__MODULE__)} got #{inspect(message)} while #{state}" end)
    :keep_state_and_data
  end

  defp entered(new, machine) do
    case machine.timeouts do
      %{^new => {milliseconds, event}} ->
        {:keep_state_and_data, {:state_timeout, milliseconds, {:event, event}}}

      _without_a_time ->
        :keep_state_and_data
    end
  end

  defp checked!(options) do
    machine = struct!(__MODULE__, Keyword.validate!(options, defaults()))

    if machine.state not in @states do
      raise ArgumentError, "there is no state #{inspect(machine.state)}"
    end

    Enum.each(machine.timeouts, &check_timeout!/1)
    machine
  end

  defp defaults do
    [
      name: __MODULE__,
      timeouts: %{},
      changed: fn _old, _new -> :ok end,
      state: :pending
    ]
  end

  defp check_timeout!({state, {milliseconds, event}})
       when is_integer(milliseconds) and milliseconds > 0 do
    if not allowed?(state, event) do
      raise ArgumentError, "#{inspect(event)} is not allowed in #{inspect(state)}"
    end
  end

  defp check_timeout!(other) do
    raise ArgumentError, "a time-out is {milliseconds, event} by state, not #{inspect(other)}"
  end

  defp allowed?(:pending, :pay), do: true
  defp allowed?(:paid, :ship), do: true
  defp allowed?(:pending, :cancel), do: true
  defp allowed?(:paid, :cancel), do: true
  defp allowed?(_state, _event), do: false
end
