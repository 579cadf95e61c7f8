// The view of improvements: what was proven, applied and rolled back, the newest first.

import * as vscode from "vscode";

import { shown, type Improvement } from "../improvement";
import type { Server } from "../server";

/** Lists the improvements of the project, and reads them again after each command that may have changed one. */
export class HistoryView implements vscode.TreeDataProvider<Improvement>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Improvement>;
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.view = vscode.window.createTreeView("whetstone.history", { treeDataProvider: this });
    this.listeners = [this.changed, this.view, server.onDidWork(() => this.refresh())];
  }

  dispose(): void {
    this.listeners.forEach((listener) => listener.dispose());
  }

  refresh(): void {
    this.changed.fire();
  }

  /** Return the improvements, the newest first; none while the server does not run or no project is open. */
  async improvements(): Promise<Improvement[]> {
    if (this.server.processId === undefined || !isProjectOpen()) {
      return [];
    }
    const uri = vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    const wanted = { uri: uri?.toString(), page: false };
    const answer = await this.server.run<{ improvements: Improvement[] }>("whetstone.showHistory", wanted);
    return answer?.improvements ?? [];
  }

  /** The improvement that is selected in the view, if one is. */
  get selected(): Improvement | undefined {
    return this.view.selection[0];
  }

  async getChildren(parent?: Improvement): Promise<Improvement[]> {
    return parent === undefined ? this.improvements() : [];
  }

  getTreeItem(improvement: Improvement): vscode.TreeItem {
    const { label, description, icon } = shown(improvement);
    const item = new vscode.TreeItem(label);
    item.id = improvement.id;
    item.description = description;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.contextValue = improvement.status;
    item.resourceUri = vscode.Uri.file(improvement.path);
    item.tooltip = `${improvement.rule} in ${vscode.workspace.asRelativePath(improvement.path)}\n${improvement.id}`;
    item.command = { title: "Open", command: "vscode.open", arguments: [item.resourceUri, at(improvement)] };
    return item;
  }
}

/** Whether the server has anything open that can belong to a project; it complains where it has not. */
function isProjectOpen(): boolean {
  const isPython = ({ languageId, uri }: vscode.TextDocument) => languageId === "python" && uri.scheme === "file";
  return vscode.workspace.workspaceFolders !== undefined || vscode.workspace.textDocuments.some(isPython);
}

function at(improvement: Improvement): vscode.TextDocumentShowOptions {
  const line = Math.max((improvement.line ?? 1) - 1, 0);
  return { selection: new vscode.Range(line, 0, line, 0), preview: true };
}
