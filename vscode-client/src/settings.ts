// What the server is told of the settings: those that a person set, and whether the workspace is trusted.

/** What VS Code knows of one setting, as `WorkspaceConfiguration.inspect` says it. */
export interface Inspected {
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
}

/** Settings of the client's own, by the first part of their name; the server does not know them. */
const CLIENT_ONLY = new Set(["server", "preview"]);

/**
 * Return what the server is told, by the names it knows.
 *
 * Defaults are left out: sent along, they would win over what the project's `pyproject.toml` says.
 */
export function settingsForServer(
  names: readonly string[],
  inspect: (name: string) => Inspected | undefined,
  trusted: boolean,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const name of names.filter((each) => !CLIENT_ONLY.has(each.split(".")[0] ?? each))) {
    const found = inspect(name);
    const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    if (value !== undefined) {
      settings[name] = value;
    }
  }
  return { ...settings, trusted };
}

/** Return the names of the settings under `section` that a `package.json` declares. */
export function declaredSettings(section: string, manifest: unknown): string[] {
  const { contributes } = manifest as { contributes: { configuration: { properties: Record<string, unknown> } } };
  const start = `${section}.`;
  return Object.keys(contributes.configuration.properties)
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length));
}
