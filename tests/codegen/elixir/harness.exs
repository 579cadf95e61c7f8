# elixir harness.exs PLAN TIMES CASES: check, compile and test what PLAN names, all in this one BEAM.
#
# PLAN has a line for each file, its parts divided by tabs: `format ID FILE` wants a file to be as the formatter
# leaves it, and `test ID MODULE TEST` wants two files compiled and the tests in them run, TIMES times;
# the tests of CASES modules run at once.
# Each finding is a line `@@ ID KIND NAME TEXT`, the text in base 64:
#
#   unformatted · FILE · what it would be       error, warning · FILE · what the compiler says
#   passed, failed, skipped · TEST · why        done · - · all was done; where it is missing, the BEAM died
defmodule Harness do
  def say(id, kind, name, text \\ "") do
    IO.puts("@@\t#{id}\t#{kind}\t#{name}\t#{Base.encode64(text)}")
  end

  def check_format(id, file) do
    source = File.read!(file)
    formatted = IO.iodata_to_binary([Code.format_string!(source), "\n"])
    if formatted != source, do: say(id, "unformatted", file, formatted)
    []
  rescue
    error ->
      say(id, "error", file, Exception.message(error))
      []
  end

  # Its own compiler, so that what is broken here keeps nobody else from being compiled; and into files, so that the
  # other nodes which a test starts find its module.
  def compile(id, files, ebin) do
    case Kernel.ParallelCompiler.compile_to_path(files, ebin) do
      {:ok, modules, warnings} ->
        Enum.each(warnings, &complain(id, "warning", &1))
        Enum.each(modules, &:persistent_term.put({__MODULE__, &1}, id))
        Enum.filter(modules, &function_exported?(&1, :__ex_unit__, 0))

      {:error, errors, warnings} ->
        Enum.each(errors, &complain(id, "error", &1))
        Enum.each(warnings, &complain(id, "warning", &1))
        []
    end
  end

  defp complain(id, kind, {file, position, message}) do
    say(id, kind, file, "#{inspect(position)}: #{message}")
  end

  # A mutant's test begins with this: what is killed need not be killed again, which may take a time-out each time.
  def alive!(module) do
    if :persistent_term.get({__MODULE__, :killed, module}, false), do: raise("killed already")
    :ok
  end

  def killed(module), do: :persistent_term.put({__MODULE__, :killed, module}, true)

  def id_of(module), do: :persistent_term.get({__MODULE__, module}, nil)
end

defmodule Harness.Formatter do
  use GenServer

  def init(_options), do: {:ok, nil}

  def handle_cast({:test_finished, test}, state) do
    {kind, why} = judged(test.state)
    report(test.module, kind, test.name, why)
    {:noreply, state}
  end

  def handle_cast({:module_finished, %{state: {:failed, failures}} = module}, state) do
    report(module.name, "failed", "setup_all", Enum.map_join(failures, "\n", &failure/1))
    {:noreply, state}
  end

  def handle_cast(_other, state), do: {:noreply, state}

  defp report(module, kind, name, why) do
    id = Harness.id_of(module)
    if kind == "failed", do: Harness.killed(module)
    if id, do: Harness.say(id, kind, name, why)
  end

  defp judged(nil), do: {"passed", ""}
  defp judged({:failed, failures}), do: {"failed", Enum.map_join(failures, "\n", &failure/1)}
  defp judged({:invalid, _module}), do: {"failed", "setup_all failed"}
  defp judged({kind, why}) when kind in [:skipped, :excluded], do: {"skipped", inspect(why)}

  defp failure({kind, reason, stack}), do: Exception.format(kind, reason, stack)
end

[plan, times, cases] = System.argv()
lines = plan |> File.read!() |> String.split("\n", trim: true) |> Enum.map(&String.split(&1, "\t"))
Application.ensure_all_started(:logger)
ebin = plan |> Path.dirname() |> Path.join("ebin")
File.mkdir_p!(ebin)
Code.prepend_path(ebin)

ExUnit.start(
  autorun: false,
  formatters: [Harness.Formatter],
  capture_log: true,
  max_cases: String.to_integer(cases)
)

tests =
  lines
  |> Task.async_stream(
    fn
      ["format", id, file] -> Harness.check_format(id, file)
      ["test", id | files] -> Harness.compile(id, files, ebin)
    end,
    timeout: :infinity,
    ordered: false
  )
  |> Enum.flat_map(fn {:ok, modules} -> modules end)

for time <- 1..String.to_integer(times)//1 do
  ExUnit.configure(seed: time)
  # The first time they are known already: a module of tests registers itself when it is compiled.
  ExUnit.run(if time == 1, do: [], else: tests)
end

Harness.say("-", "done", "-")
