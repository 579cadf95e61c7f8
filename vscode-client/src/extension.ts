// Whetstone in VS Code: what is made when the extension starts, and that it ends with it.

import * as vscode from "vscode";

import { registerCommands } from "./commands";
import { Pages } from "./pages";
import { Previews } from "./preview";
import { Server } from "./server";
import { Status } from "./status";
import { HistoryView } from "./views/history";

/** What other extensions, and the tests inside of VS Code, may ask of this one. */
export interface Api {
  /** The process id of the language server; undefined while none runs. */
  serverProcess(): number | undefined;
  /** What the status bar says. */
  statusText(): string;
}

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const log = vscode.window.createOutputChannel("Whetstone", { log: true });
  const status = new Status();
  const previews = new Previews(status);
  const pages = new Pages();
  const started = new Server(context, log, status, previews);
  const history = new HistoryView(started);
  context.subscriptions.push(log, status, previews, pages, started, history);
  context.subscriptions.push(...registerCommands(started, history, previews, pages, log));
  server = started;
  await started.start();
  return { serverProcess: () => started.processId, statusText: () => status.text };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
