defmodule Shop.ImportsTest do
  use ExUnit.Case, async: true

  alias Shop.Imports, as: Pipeline

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  # Enough for a machine with other things to do; nothing here waits for it to pass.
  @patience 5_000

  test "handles everything in the order in which it was pushed" do
    pipeline = start(handler: tell(), batch_size: 3, max_demand: 5, batch_timeout: 20)
    for item <- 1..20, do: assert(Pipeline.push(pipeline, item) == :ok)
    assert handled(20) == Enum.to_list(1..20)
  end

  test "applies the functions of the stages, each in a process of its own" do
    test = self()

    note = fn item ->
      send(test, {:stage, self()})
      item
    end

    stages = [note, &(&1 + 1), note, &(&1 * 10)]
    pipeline = start(handler: tell(), stages: stages, batch_size: 1, max_demand: 2)
    for item <- 1..5, do: Pipeline.push(pipeline, item)
    assert handled(5) == [20, 30, 40, 50, 60]

    assert_received {:stage, first}
    assert_received {:stage, second} when second != first
  end

  test "handles a batch as soon as it is full" do
    pipeline = start(handler: tell(), batch_size: 3)
    for item <- 1..3, do: Pipeline.push(pipeline, item)
    assert_receive {:batch, [1, 2, 3]}, @patience
  end

  test "handles an incomplete batch in time" do
    pipeline = start(handler: tell(), batch_size: 3, batch_timeout: 20)
    Pipeline.push(pipeline, 1)
    assert_receive {:batch, [1]}, @patience
    Pipeline.push(pipeline, 2)
    assert_receive {:batch, [2]}, @patience
  end

  test "gives each batch its own time" do
    pipeline = start(handler: tell())
    batches = process(pipeline, "Batches")
    Pipeline.push(pipeline, 1)
    timer = eventually(fn -> :sys.get_state(batches).timer end)
    Pipeline.push(pipeline, 2)
    assert_receive {:batch, [1, 2]}, @patience
    assert eventually(fn -> :erlang.read_timer(timer) == false end)

    Pipeline.push(pipeline, 3)
    assert eventually(fn -> :sys.get_state(batches).timer end)
    send(batches, {:timeout, timer, :flush})
    Pipeline.push(pipeline, 4)
    assert_receive {:batch, [3, 4]}, @patience
  end

  test "sends nobody more than it asked for" do
    pipeline = start_full()
    assert Pipeline.unfinished(pipeline) == %{waiting: 6, sent: 4}

    send(process(pipeline, "Source"), {:ask, make_ref(), 0, 100})
    assert Pipeline.unfinished(pipeline) == %{waiting: 6, sent: 4}
  end

  test "sends as many more as were finished" do
    pipeline = start_full()
    go_on(2)
    assert_receive {:batch, _handler, [5, 6]} = third, @patience
    assert eventually(fn -> Pipeline.unfinished(pipeline) == %{waiting: 2, sent: 4} end)
    send(self(), third)
    go_on(3)
    assert eventually(fn -> Pipeline.unfinished(pipeline) == %{waiting: 0, sent: 0} end)
  end

  test "lets a push wait for room" do
    pipeline = start_full()
    push = Task.async(fn -> Pipeline.push(pipeline, 11, 20_000) end)
    assert Task.yield(push, 50) == nil
    assert Pipeline.unfinished(pipeline) == %{waiting: 6, sent: 4}
    go_on(1)
    assert Task.await(push, @patience) == :ok
    go_on(4)
    Pipeline.push(pipeline, 12)
    assert_receive {:batch, _handler, [11, 12]}, @patience
  end

  test "does not take the item of a push that gave up" do
    pipeline = start_full()
    assert {:timeout, _call} = catch_exit(Pipeline.push(pipeline, 11, 20))
    go_on(5)
    for item <- 12..13, do: assert(Pipeline.push(pipeline, item) == :ok)
    assert_receive {:batch, _handler, [12, 13]}, @patience
  end

  test "handles again, and in order, what a crash of the handler interrupted" do
    pipeline = start_full()
    go_on(1)
    assert_receive {:batch, handler, [3, 4]}, @patience
    Process.exit(handler, :kill)
    assert go_on_until(10) == Enum.to_list(3..10)
    assert eventually(fn -> Pipeline.unfinished(pipeline) == %{waiting: 0, sent: 0} end)
  end

  test "goes on after a crash of a stage" do
    pipeline = start_full()
    Process.exit(process(pipeline, "Stage1"), :kill)
    assert Enum.uniq(go_on_until(10)) == Enum.to_list(1..10)
    assert eventually(fn -> Pipeline.unfinished(pipeline) == %{waiting: 0, sent: 0} end)
    for item <- 11..18, do: assert(Pipeline.push(pipeline, item) == :ok)
    assert go_on_until(18) == Enum.to_list(11..18)
  end

  test "goes on after a crash of the source, and finishes what was sent before" do
    pipeline = start_full()
    source = process(pipeline, "Source")
    Process.exit(source, :kill)
    assert eventually(fn -> process(pipeline, "Source") not in [source, nil] end)
    assert eventually(fn -> :sys.get_state(process(pipeline, "Source")).outbox.consumer end)

    # There is room for new items only when those of the former source are finished.
    for item <- 11..16, do: assert(Pipeline.push(pipeline, item) == :ok)
    assert Pipeline.unfinished(pipeline) == %{waiting: 6, sent: 0}
    assert go_on_until(16) == [1, 2, 3, 4] ++ Enum.to_list(11..16)
    assert eventually(fn -> Pipeline.unfinished(pipeline) == %{waiting: 0, sent: 0} end)
  end

  test "notices that nobody is there to send to" do
    pipeline = start_full()
    :ok = Supervisor.terminate_child(pipeline, "Stage1")
    left = %{waiting: 10, sent: 0}
    assert eventually(fn -> Pipeline.unfinished(pipeline) == left end)
  end

  test "handles only what came by its own subscription" do
    pipeline = start(handler: tell())
    send(process(pipeline, "Stage1"), {:items, make_ref(), [:stray]})
    send(process(pipeline, "Stage1"), {:ask, make_ref(), 0, 1})
    send(process(pipeline, "Batches"), {:items, make_ref(), [:stray]})
    send(process(pipeline, "Batches"), :stray)
    send(process(pipeline, "Source"), :stray)
    for item <- 1..2, do: Pipeline.push(pipeline, item)
    assert_receive {:batch, [1, 2]}, @patience
  end

  test "lets two pipelines run side by side" do
    test = self()
    one = start(handler: &send(test, {:one, &1}), batch_size: 1)
    other = start(handler: &send(test, {:other, &1}), batch_size: 1)
    Pipeline.push(one, 1)
    Pipeline.push(other, 2)
    assert_receive {:one, [1]}, @patience
    assert_receive {:other, [2]}, @patience
  end

  test "says at once what is wrong with its options" do
    assert_raise ArgumentError, ~r/:handler/, fn -> Pipeline.start_link([]) end
    assert_raise ArgumentError, ~r/:size/, fn -> Pipeline.start_link(handler: tell(), size: 1) end

    assert_raise ArgumentError, ~r/:batch_timeout/, fn ->
      Pipeline.start_link(handler: tell(), batch_timeout: 0)
    end

    assert_raise ArgumentError, ~r/no less than :batch_size/, fn ->
      Pipeline.start_link(handler: tell(), batch_size: 3, max_demand: 2)
    end

    assert_raise ArgumentError, ~r/no less than :batch_size/, fn ->
      Pipeline.start_link(handler: tell(), batch_size: 3, max_demand: 3, max_unfinished: 2)
    end
  end

  # Ten items are pushed; the handler has the first two and waits to be let go on.
  defp start_full do
    pipeline = start(handler: tell_and_wait(), max_unfinished: 10, max_demand: 4)
    for item <- 1..10, do: :ok = Pipeline.push(pipeline, item)
    assert_receive {:batch, _handler, [1, 2]} = first, @patience
    send(self(), first)

    # What was sent on has arrived when these have answered.
    for id <- ["Source", "Stage1"], do: :sys.get_state(process(pipeline, id))
    pipeline
  end

  defp start(options) do
    name = Module.concat(__MODULE__, "Pipeline#{System.unique_integer([:positive])}")
    usual = [max_unfinished: 100, max_demand: 10, batch_size: 2, batch_timeout: 60_000]
    options = [name: name, stages: [& &1]] ++ usual ++ options
    start_supervised!(Supervisor.child_spec({Pipeline, Map.to_list(Map.new(options))}, id: name))
    name
  end

  defp process(pipeline, id), do: Process.whereis(Module.concat(pipeline, id))

  defp tell do
    test = self()
    fn batch -> send(test, {:batch, batch}) end
  end

  defp tell_and_wait do
    test = self()

    fn batch ->
      send(test, {:batch, self(), batch})

      receive do
        :go_on -> :ok
      end
    end
  end

  defp handled(count) do
    assert_receive {:batch, batch}, @patience
    if length(batch) < count, do: batch ++ handled(count - length(batch)), else: batch
  end

  defp go_on(batches) do
    for _batch <- 1..batches do
      assert_receive {:batch, handler, _batch}, @patience
      send(handler, :go_on)
    end
  end

  defp go_on_until(item) do
    assert_receive {:batch, handler, batch}, @patience
    send(handler, :go_on)
    if List.last(batch) == item, do: batch, else: batch ++ go_on_until(item)
  end

  defp eventually(check, deadline \\ System.monotonic_time(:millisecond) + @patience) do
    result = check.()

    cond do
      result ->
        result

      System.monotonic_time(:millisecond) > deadline ->
        flunk("this did not come about in #{@patience} ms")

      true ->
        Process.sleep(5)
        eventually(check, deadline)
    end
  end
end
