defmodule Ledger.Application do
  @moduledoc """
  Starts and stops `:ledger` as a whole. In `mix.exs`:

      def application do
        [mod: {Ledger.Application, []}, extra_applications: [:logger]]
      end

  ## Configuration

  It is read once, at the start, and checked before anything runs: a key that is missing or wrong
  stops the start with a sentence that names it. Hand what a child needs to that child.

    * `:port` - an integer. Default: `4_000`.

  ## Life cycle

  Children are started in the order of their list, each when the one before it runs, and stopped in
  the opposite order.
  When one falls, those after it, which may need it, begin anew as well.
  After more than 3 restarts within 5 seconds the application stops, and in a release with it
  the node, so that something outside can start it cleanly.

  A stop by force, such as `kill -9`, waits for nothing, and what processes knew is lost.
  """

  use Application

  @app :ledger
  @supervisor Ledger.Supervisor

  @type config :: %{
          port: integer()
        }

  @impl true
  def start(_type, arguments) do
    config = config!()
    name = Keyword.get(arguments, :name, @supervisor)

    children = []

    options = [
      name: name,
      strategy: :rest_for_one,
      max_restarts: 3,
      max_seconds: 5
    ]

    more = Keyword.get(arguments, :children, [])

    with {:ok, supervisor} <- Supervisor.start_link(children ++ more, options) do
      {:ok, supervisor, %{config: config, name: name}}
    end
  end

  @doc """
  Returns the configuration.

  Raises `ArgumentError` for the first key that is missing or has a wrong value, and names it.
  """
  @spec config!() :: config()
  def config! do
    %{
      port: checked!(:port, 4_000, &is_integer/1, "an integer")
    }
  end

  defp checked!(key, default, right?, kind) do
    value = Application.get_env(@app, key, default)

    if not right?.(value) do
      raise ArgumentError, "config #{inspect(@app)}, #{key}: is #{kind}, not #{inspect(value)}"
    end

    value
  end
end
