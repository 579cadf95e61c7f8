// What a rewrite would change, shown side by side before it is made.

import * as vscode from "vscode";
import type { ApplyWorkspaceEditParams, ApplyWorkspaceEditResult } from "vscode-languageclient/node";

import type { Status } from "./status";

const SCHEME = "whetstone-preview";
const SHOW = "whetstone.preview";
const OPEN = "whetstone.previewing";

/** When a preview comes before a rewrite is made. */
type Wanted = "always" | "unproven" | "never";

interface Open {
  after: vscode.Uri;
  texts: ReadonlyMap<string, string>;
  decide: (apply: boolean) => void;
}

/** Shows one rewrite at a time, and makes it when the person says so. */
export class Previews implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private open: Open | undefined;
  private count = 0;
  private asked: string | undefined;
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly status: Status) {
    this.listeners = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.commands.registerCommand(SHOW, (title: string, edit: vscode.WorkspaceEdit, then?: vscode.Command) =>
        this.make(title, edit, then),
      ),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.some((tab) => this.isOpen(tab))) {
          this.decide(false);
        }
      }),
    ];
  }

  dispose(): void {
    this.decide(false);
    this.listeners.forEach((listener) => listener.dispose());
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.open?.texts.get(uri.toString()) ?? "";
  }

  /** Return an action that shows the rewrite first, where a preview is wanted before this one. */
  instead(action: vscode.CodeAction): vscode.CodeAction {
    const { edit, command, title } = action;
    if (edit === undefined || !isRewrite(action) || !isWanted(command !== undefined)) {
      return action;
    }
    const shown = new vscode.CodeAction(title, action.kind);
    shown.command = { title, command: SHOW, arguments: [title, edit, command] };
    return shown;
  }

  /** While `work` is under way, show what the server asks to be edited before it is; `title` says what that is. */
  async during<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.asked = isWanted(true) ? title : undefined;
    try {
      return await work();
    } finally {
      this.asked = undefined;
    }
  }

  /** Answer the server's wish for an edit, by way of a preview where one was asked for. */
  async before(
    params: ApplyWorkspaceEditParams,
    next: () => unknown,
  ): Promise<ApplyWorkspaceEditResult> {
    const change = params.edit.documentChanges?.[0];
    if (this.asked !== undefined && change !== undefined && "edits" in change) {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(change.textDocument.uri));
      const edit = new vscode.WorkspaceEdit();
      for (const part of change.edits.filter((each) => "newText" in each)) {
        const { start, end } = part.range;
        edit.replace(document.uri, new vscode.Range(start.line, start.character, end.line, end.character), part.newText);
      }
      if (!(await this.agreed(this.asked, edit))) {
        return { applied: false, failureReason: "you discarded it" };
      }
    }
    return (await next()) as ApplyWorkspaceEditResult;
  }

  /** Say yes or no to the rewrite that is shown, and close it. */
  async answer(apply: boolean): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => this.isOpen(tab));
    this.decide(apply);
    await vscode.window.tabGroups.close(tabs);
  }

  private async make(title: string, edit: vscode.WorkspaceEdit, then?: vscode.Command): Promise<void> {
    if ((await this.agreed(title, edit)) && (await vscode.workspace.applyEdit(agreedTo(edit))) && then !== undefined) {
      await vscode.commands.executeCommand(then.command, ...(then.arguments ?? []));
    }
  }

  /** Show what `edit` does to its file; true when the person wants it, and the file is as it was shown. */
  private async agreed(title: string, edit: vscode.WorkspaceEdit): Promise<boolean> {
    const [target, edits] = edit.entries()[0] ?? [];
    if (target === undefined || edits === undefined) {
      return false;
    }
    this.decide(false);
    const document = await vscode.workspace.openTextDocument(target);
    const version = document.version;
    this.count += 1;
    // A copy stands on the left: when a tab with the file itself is closed, the language client takes its squiggles back.
    const before = target.with({ scheme: SCHEME, query: `${this.count}-before` });
    const after = target.with({ scheme: SCHEME, query: `${this.count}-after` });
    const texts = new Map([
      [before.toString(), document.getText()],
      [after.toString(), edited(document, edits)],
    ]);
    const decision = new Promise<boolean>((decide) => {
      this.open = { after, texts, decide };
    });
    await vscode.commands.executeCommand("setContext", OPEN, true);
    const done = this.status.previewing();
    // In a tab of its own, or it would take the place of the file where that is only looked at.
    // Not waited for: where the person is quicker than the editor, it is never said to be open.
    const options: vscode.TextDocumentShowOptions = { preview: false };
    const opened = vscode.commands.executeCommand("vscode.diff", before, after, title, options);
    void opened.then(undefined, () => this.decide(false));
    const apply = await decision;
    done();
    if (apply && document.version !== version) {
      void vscode.window.showWarningMessage("Whetstone made no change: the text was changed while it was shown.");
      return false;
    }
    return apply;
  }

  private decide(apply: boolean): void {
    const open = this.open;
    this.open = undefined;
    void vscode.commands.executeCommand("setContext", OPEN, false);
    open?.decide(apply);
  }

  private isOpen(tab: vscode.Tab): boolean {
    return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === this.open?.after.toString();
  }
}

/** Whether an action rewrites code for speed; others, such as comments that silence a finding, are made at once. */
function isRewrite(action: vscode.CodeAction): boolean {
  const data = (action as { data?: { finding?: string; silence?: boolean } }).data;
  return data?.finding !== undefined && data.silence !== true;
}

/** An edit that has been looked at, without the wish to be confirmed. */
function agreedTo(edit: vscode.WorkspaceEdit): vscode.WorkspaceEdit {
  const plain = new vscode.WorkspaceEdit();
  for (const [uri, edits] of edit.entries()) {
    plain.set(uri, edits);
  }
  return plain;
}

function isWanted(proven: boolean): boolean {
  const wanted = vscode.workspace.getConfiguration("whetstone").get<Wanted>("preview", "always");
  return wanted === "always" || (wanted === "unproven" && !proven);
}

function edited(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): string {
  const text = document.getText();
  const parts: string[] = [];
  let end = 0;
  for (const edit of [...edits].sort((a, b) => a.range.start.compareTo(b.range.start))) {
    parts.push(text.slice(end, document.offsetAt(edit.range.start)), edit.newText);
    end = document.offsetAt(edit.range.end);
  }
  return [...parts, text.slice(end)].join("");
}
