// Where the server comes from: the setting, the selected interpreter, or what came along in the bundle.

import * as vscode from "vscode";

import { Bundle } from "./bundle";
import { output } from "./programs";

/** A command that starts the server, with where it was found. */
export interface Launch {
  program: string;
  args: readonly string[];
  origin: string;
}

/** The arguments with which an interpreter runs the server; `-P` keeps the workspace's own files from being imported. */
const MODULE = ["-P", "-m", "whetstone_server"] as const;
const ASK_VERSION = ["-P", "-c", "import whetstone_server; print(whetstone_server.__version__)"] as const;

/**
 * Return what starts the server: the setting, else the selected interpreter where it has the server, else the bundle.
 *
 * An interpreter that a workspace selects may be a program of the workspace's own, so that none is asked before the
 * workspace is trusted. Rejects with a sentence for the person when there is nothing to start.
 */
export async function findLaunch(context: vscode.ExtensionContext, say: (what: string) => void): Promise<Launch> {
  const command = vscode.workspace.getConfiguration("whetstone").get<readonly string[]>("server.command") ?? [];
  const [program, ...args] = command;
  if (program !== undefined) {
    return { program, args, origin: `from the setting whetstone.server.command, ${command.join(" ")}` };
  }
  const selected = vscode.workspace.isTrusted ? await selectedInterpreter() : undefined;
  if (selected !== undefined) {
    const version = await output(selected, ASK_VERSION).catch(() => undefined);
    if (version !== undefined) {
      return { program: selected, args: MODULE, origin: `${version} from the selected interpreter, ${selected}` };
    }
  }
  const bundle = new Bundle(context.asAbsolutePath("wheels"), context.globalStorageUri.fsPath);
  const interpreter = await bundle.interpreter(selected, say);
  return { program: interpreter, args: MODULE, origin: "which came with the extension" };
}

/** Return the interpreter that is selected for the workspace, by the Python extension or else by its setting. */
async function selectedInterpreter(): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const python = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (python !== undefined) {
    const { environments } = await python.activate();
    const chosen = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
    return chosen?.executable.uri?.fsPath;
  }
  const path = vscode.workspace.getConfiguration("python", folder).get<string>("defaultInterpreterPath");
  return path?.replaceAll("${workspaceFolder}", folder?.fsPath ?? "") || undefined;
}

/** Call `changed` whenever another interpreter is selected in the Python extension. */
export async function watchInterpreter(changed: () => void): Promise<vscode.Disposable | undefined> {
  const python = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  return python && (await python.activate()).environments.onDidChangeActiveEnvironmentPath(changed);
}

/** As much of the Python extension's own interface as is used here. */
interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}
