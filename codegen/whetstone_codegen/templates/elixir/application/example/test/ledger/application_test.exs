defmodule Ledger.ApplicationTest do
  # The configuration of an application belongs to the whole node.
  use ExUnit.Case, async: false

  alias Ledger.Application, as: Subject

  @moduletag timeout: 60_000
  @moduletag :capture_log

  @app :ledger
  @right [
    port: 7
  ]

  # A child that tells the test what becomes of it.
  defmodule Child do
    use GenServer

    def child_spec({id, test}) do
      %{id: id, start: {GenServer, :start_link, [__MODULE__, {id, test}]}}
    end

    @impl true
    def init({id, test}) do
      Process.flag(:trap_exit, true)
      send(test, {:started, id})
      {:ok, {id, test}}
    end

    @impl true
    def terminate(_reason, {id, test}), do: send(test, {:stopped, id})
  end

  setup do
    before = Application.get_all_env(@app)
    # Its children may have names that are there once in a node, and are started here as well.
    stopped = Application.stop(@app)

    on_exit(fn ->
      for {key, _value} <- @right, do: Application.delete_env(@app, key)
      Application.put_all_env([{@app, before}])
      if stopped == :ok, do: {:ok, _} = Application.ensure_all_started(@app)
    end)

    Application.put_all_env([{@app, @right}])
  end

  test "takes what is configured" do
    assert Subject.config!() == Map.new(@right)
  end

  test "has a default for port" do
    Application.delete_env(@app, :port)
    assert Subject.config!().port == 4_000
  end

  test "does not start with a wrong port, and says so" do
    Application.put_env(@app, :port, :wrong)
    error = assert_raise ArgumentError, fn -> Subject.start(:normal, children: children([:a])) end
    assert error.message =~ "config #{inspect(@app)}, port: is "
    assert error.message =~ inspect(:wrong)
    refute_received {:started, :a}
  end

  test "starts its children in order, stops them in the opposite one, and starts again" do
    for _time <- 1..2 do
      app = start_app(children([:a, :b, :c]))
      assert told(3) == [started: :a, started: :b, started: :c]
      assert Application.stop(app) == :ok
      assert told(3) == [stopped: :c, stopped: :b, stopped: :a]
      assert Application.unload(app) == :ok
    end
  end

  test "starts again the child that fell and those after it" do
    {supervisor, _state} = start(children([:a, :b, :c]))
    told(3)
    before = pids(supervisor)
    Process.exit(before.b, :kill)
    told(3)
    again = pids(supervisor)
    assert for(id <- [:a, :b, :c], before[id] != again[id], do: id) == [:b, :c]
  end

  test "gives up after more restarts than it bears" do
    {supervisor, _state} = start(children([:a]))
    told(1)
    reference = Process.monitor(supervisor)
    fell(supervisor, 3)
    assert_receive {:DOWN, ^reference, :process, ^supervisor, :shutdown}, 10_000
  end

  defp start(children) do
    name = name(System.unique_integer([:positive]))
    assert {:ok, supervisor, state} = Subject.start(:normal, name: name, children: children)
    {supervisor, state}
  end

  # An application of its own, with the children of a test behind those of the real one.
  defp start_app(children) do
    app = :"#{@app}_#{System.unique_integer([:positive])}"

    :ok =
      :application.load(
        {:application, app,
         [
           vsn: to_charlist("1"),
           modules: [],
           registered: [],
           applications: [:kernel, :stdlib],
           mod: {Subject, [name: name(app), children: children]}
         ]}
      )

    assert Application.start(app) == :ok
    app
  end

  defp name(part), do: Module.concat(__MODULE__, "Supervisor#{part}")

  defp children(ids), do: for(id <- ids, do: {Child, {id, self()}})

  # Returns the next messages of children, in order.
  defp told(count) do
    for _message <- 1..count do
      assert_receive {what, id} when what in [:started, :stopped], 10_000
      {what, id}
    end
  end

  defp pids(supervisor) do
    Map.new(Supervisor.which_children(supervisor), fn {id, pid, _type, _modules} -> {id, pid} end)
  end

  defp fell(supervisor, borne) do
    Process.unlink(supervisor)

    for _time <- 1..borne//1 do
      Process.exit(pids(supervisor).a, :kill)
      told(1)
    end

    Process.exit(pids(supervisor).a, :kill)
  end
end
