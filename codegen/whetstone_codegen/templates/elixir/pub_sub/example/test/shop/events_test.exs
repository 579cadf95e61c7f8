defmodule Shop.EventsTest do
  use ExUnit.Case, async: true

  alias Shop.Events

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000
  @topic {:order, 1}

  setup context do
    {:ok, events: start(Module.concat(__MODULE__, "Test#{context.line}"))}
  end

  describe "a subscriber" do
    test "gets each event of its topic once, in order", %{events: events} do
      assert Events.subscribe(events, @topic) == :ok
      for number <- 1..3, do: assert(Events.publish(events, @topic, %{number: number}) == 1)
      assert received() == [%{number: 1}, %{number: 2}, %{number: 3}]
    end

    test "gets nothing twice when it subscribes again", %{events: events} do
      for _again <- 1..3, do: Events.subscribe(events, @topic)
      assert Events.subscribers(events, @topic) == 1
      assert Events.publish(events, @topic, %{number: 1}) == 1
      assert received() == [%{number: 1}]
    end

    test "gets nothing after it has unsubscribed", %{events: events} do
      Events.subscribe(events, @topic)
      assert Events.unsubscribe(events, @topic) == :ok
      assert Events.unsubscribe(events, @topic) == :ok
      assert Events.publish(events, @topic, %{number: 1}) == 0
      assert received() == []
    end

    test "is forgotten when it dies", %{events: events} do
      Events.subscribe(events, @topic)
      other = subscriber(events, @topic)
      assert Events.publish(events, @topic, %{number: 1}) == 2
      Process.exit(other, :kill)
      until(fn -> Events.subscribers(events, @topic) == 1 end)
      assert Events.publish(events, @topic, %{number: 2}) == 1
    end

    test "gets nothing of other topics", %{events: events} do
      other = {:order, 2}
      Events.subscribe(events, @topic)
      subscriber(events, other)
      assert Events.publish(events, other, %{number: 1}) == 1
      assert received() == []
    end
  end

  test "a subscriber that reads nothing holds up neither the publisher nor the others", context do
    %{events: events} = context
    slow = subscriber(events, @topic)
    Events.subscribe(events, @topic)

    # That this comes to an end at all says that nobody waits for the slow one.
    for number <- 1..1_000, do: assert(Events.publish(events, @topic, %{number: number}) == 2)
    assert length(received()) == 1_000
    assert Process.info(slow, :message_queue_len) == {:message_queue_len, 1_000}
  end

  test "many subscribers that come at once are all told", %{events: events} do
    subscribers = for _subscriber <- 1..100, do: subscriber(events, @topic)
    assert Events.publish(events, @topic, %{number: 1}) == 100

    for pid <- subscribers do
      assert Process.info(pid, :message_queue_len) == {:message_queue_len, 1}
    end
  end

  describe "the process" do
    test "stands beside another one that has its own name", %{events: events} do
      other = start(Module.concat(events, Other))
      Events.subscribe(other, @topic)
      assert Events.publish(events, @topic, %{number: 1}) == 0
      assert Events.publish(other, @topic, %{number: 2}) == 1
    end

    test "is there again after a crash, under the same name", %{events: events} do
      before = GenServer.whereis(events)
      subscriber(events, @topic)
      Supervisor.stop(before, :crashed)
      until(fn -> anew?(events, before) end)
      assert Events.subscribers(events, @topic) == 0
      subscriber(events, @topic)
      assert Events.publish(events, @topic, %{number: 1}) == 1
    end

    test "refuses bad arguments in the caller", %{events: events} do
      assert_raise FunctionClauseError, fn -> Events.subscribe("events", @topic) end
      assert_raise FunctionClauseError, fn -> Events.publish("events", @topic, %{}) end

      for wrong <- [[name: nil], [name: "events"], [partitions: 0], [unknown: 1]] do
        assert_raise ArgumentError, fn -> Events.start_link(wrong) end
      end

      assert Events.subscribers(events, @topic) == 0
    end
  end

  defp start(name) do
    start_supervised!({Events, name: name})
    name
  end

  # A process that subscribes and then reads nothing.
  defp subscriber(events, topic) do
    test = self()

    pid =
      spawn(fn ->
        Events.subscribe(events, topic)
        send(test, {:subscribed, self()})
        receive do: (:never -> :ok)
      end)

    assert_receive {:subscribed, ^pid}, @wait
    pid
  end

  # It answers when all that it consists of has been started, which is a moment after it has its name.
  defp anew?(events, before) do
    pid = GenServer.whereis(events)
    pid not in [nil, before] and Supervisor.count_children(pid).active > 0
  catch
    :exit, _reason -> false
  end

  defp received do
    receive do
      {Events, @topic, event} -> [event | received()]
    after
      0 -> []
    end
  end

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
