// The status bar item: whether the server works, what it proves, and why it does not.

import * as vscode from "vscode";

/** What the server is doing. */
export type State =
  | { kind: "starting"; what: string }
  | { kind: "ready"; server: string }
  | { kind: "stopped" }
  | { kind: "failed"; reason: string };

const APPLY = process.platform === "darwin" ? "Cmd+Enter" : "Ctrl+Enter";

/** Shows one state, the proofs that run, and what the keys of an open preview do. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("whetstone.status", vscode.StatusBarAlignment.Left, 10);
  private state: State = { kind: "stopped" };
  private proofs = 0;
  private previews = 0;

  constructor() {
    this.item.name = "Whetstone";
    this.draw();
    this.item.show();
  }

  get text(): string {
    return this.item.text;
  }

  become(state: State): void {
    this.state = state;
    this.draw();
  }

  /** Show that one proof more is under way until the returned function is called. */
  proving(): () => void {
    this.proofs += 1;
    this.draw();
    return () => {
      this.proofs -= 1;
      this.draw();
    };
  }

  /** Show what answers the preview that is open until the returned function is called. */
  previewing(): () => void {
    this.previews += 1;
    this.draw();
    return () => {
      this.previews -= 1;
      this.draw();
    };
  }

  dispose(): void {
    this.item.dispose();
  }

  private draw(): void {
    const trusted = vscode.workspace.isTrusted;
    this.item.backgroundColor = undefined;
    switch (this.state.kind) {
      case "starting":
        this.put("$(sync~spin) Whetstone", this.state.what);
        break;
      case "stopped":
        this.put("$(circle-slash) Whetstone", "The server does not run.");
        break;
      case "failed":
        this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
        this.put("$(error) Whetstone", this.state.reason);
        break;
      case "ready":
        if (this.previews > 0) {
          this.put(`$(diff) Whetstone: ${APPLY} applies, Escape discards`, this.state.server);
        } else if (this.proofs > 0) {
          this.put(`$(sync~spin) Whetstone: proving ${this.proofs}`, this.state.server);
        } else if (trusted) {
          this.put("$(check) Whetstone", this.state.server);
        } else {
          this.put("$(shield) Whetstone", "Nothing is proven here, because this workspace is not trusted.");
        }
    }
  }

  private put(text: string, reason: string): void {
    const tooltip = new vscode.MarkdownString(undefined, true);
    tooltip.isTrusted = { enabledCommands: ["whetstone.restart", "whetstone.openHistory", "whetstone.checkMachine"] };
    tooltip.appendText(reason);
    tooltip.appendMarkdown(
      "\n\n[Improvements](command:whetstone.openHistory) · [Check this machine](command:whetstone.checkMachine) · " +
        "[Restart](command:whetstone.restart)",
    );
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.command = "whetstone.showLog";
  }
}
