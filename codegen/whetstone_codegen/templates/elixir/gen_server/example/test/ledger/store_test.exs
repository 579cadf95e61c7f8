defmodule Ledger.StoreTest do
  use ExUnit.Case, async: true

  import ExUnit.CaptureLog

  alias Ledger.Store, as: Subject

  @moduletag timeout: 30_000
  @moduletag :capture_log

  setup do
    %{options: [name: nil]}
  end

  describe "a call" do
    test "balance gives balance", %{options: options} do
      server = start(options, initial: [balance: 7])
      assert Subject.balance(server) == 7
    end

    test "deposit adds to balance", %{options: options} do
      server = start(options, initial: [balance: 7])
      sum = 7 + 12
      assert Subject.deposit(server, 12) == sum
      assert state(server).balance == sum
    end

    test "note puts in front of entries", %{options: options} do
      server = start(options, initial: [entries: [:old]])
      assert Subject.note(server, :new) == :ok
      assert state(server).entries == [:new, :old]
    end

    test "entries gives entries", %{options: options} do
      server = start(options, initial: [entries: [1]])
      assert Subject.entries(server) == [1]
    end

    test "with a wrong argument raises in the caller", %{options: options} do
      server = start(options)
      before = state(server)

      assert_raise FunctionClauseError, fn ->
        Subject.deposit(server, :wrong)
      end

      assert state(server) == before
    end
  end

  describe "the process" do
    test "is started only with what it knows, or the caller is told", %{options: options} do
      assert_raise ArgumentError, fn -> start_link(options, unknown: 1) end
      assert_raise KeyError, fn -> start_link(options, initial: [unknown: 1]) end

      assert_raise ArgumentError, ~r/balance/, fn ->
        start_link(options, initial: [balance: :wrong])
      end

      assert_raise ArgumentError, ~r/entries/, fn ->
        start_link(options, initial: [entries: :wrong])
      end
    end

    test "begins anew after a crash", %{options: options} do
      tree = start_tree(options ++ [initial: [balance: 7]])
      server = child(tree)
      change(server, 12)
      Process.exit(server, :kill)
      assert state(restarted(tree, server)).balance == 7
    end

    test "is told how to restart and stop", %{options: options} do
      spec = Subject.child_spec(options)
      assert %{restart: :permanent, shutdown: 5_000} = spec
    end

    test "is found by its name, and others run beside it", %{options: options} do
      # The application may run it under its name already.
      named = for nil <- [Process.whereis(Subject)], do: {Subject, Keyword.delete(options, :name)}
      start_supervised!(tree(named ++ [{Subject, options}]))
      assert Subject |> Process.whereis() |> is_pid()
    end

    test "logs a message that nobody expects, and goes on", %{options: options} do
      server = start(options)
      before = state(server)

      log =
        capture_log(fn ->
          send(server, :surprise)
          assert state(server) == before
        end)

      assert log =~ ":surprise"
    end

    test "says how it fares", %{options: options} do
      health = Subject.health(start(options))
      assert health.mailbox == 0
      assert health.memory > 0
    end
  end

  defp start_link(options, more) do
    Subject.start_link(Keyword.merge(options, more))
  end

  defp start(options, more \\ []) do
    {:ok, server} = start_link(options, more)
    server
  end

  defp start_tree(options), do: start_supervised!(tree([{Subject, options}]))

  defp tree(children) do
    start = {Supervisor, :start_link, [children, [strategy: :one_for_one]]}
    %{id: :tree, start: start, type: :supervisor}
  end

  defp child(tree) do
    [{_id, server, _type, _modules}] = Supervisor.which_children(tree)
    server
  end

  defp restarted(tree, server) do
    eventually(fn ->
      again = child(tree)
      assert is_pid(again) and again != server
      again
    end)
  end

  defp change(server, value) do
    :sys.replace_state(server, &%{&1 | balance: value})
  end

  defp state(server), do: :sys.get_state(server)

  # Asks again until what is asserted holds, for ten seconds at most: when that is, the machine decides.
  defp eventually(assertion, deadline \\ System.monotonic_time(:millisecond) + 10_000) do
    assertion.()
  rescue
    error in [ExUnit.AssertionError, MatchError] ->
      if System.monotonic_time(:millisecond) > deadline, do: reraise(error, __STACKTRACE__)
      Process.sleep(10)
      eventually(assertion, deadline)
  end
end
