// The commands of the palette and of the view, one function each.

import * as vscode from "vscode";

import { shown, type Improvement } from "./improvement";
import { newFromTemplate } from "./new_from_template";
import type { Pages } from "./pages";
import type { Previews } from "./preview";
import type { Server } from "./server";
import type { HistoryView } from "./views/history";

interface Check {
  name: string;
  ok: boolean;
  detail: string;
  remedy: string | null;
}

/** Register every command; the server's own, which these call, are registered by the language client. */
export function registerCommands(
  server: Server,
  history: HistoryView,
  previews: Previews,
  pages: Pages,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const pick = (named: Improvement | undefined, title: string, status?: Improvement["status"]) =>
    named ?? pickImprovement(history, title, status);
  const commands: Record<string, (named?: Improvement) => unknown> = {
    "whetstone.proveHere": () => proveHere(server),
    "whetstone.proveFile": () => proveFile(server),
    "whetstone.newFromTemplate": () => newFromTemplate(server),
    "whetstone.openHistory": () => vscode.commands.executeCommand("whetstone.history.focus"),
    "whetstone.openHistoryPage": () => openHistoryPage(server),
    "whetstone.refreshHistory": () => history.refresh(),
    "whetstone.applyImprovement": async (named) =>
      applyImprovement(server, previews, await pick(named, "Apply which improvement?", "approved")),
    "whetstone.rollBackImprovement": async (named) =>
      rollBackImprovement(server, await pick(named, "Roll back which improvement?", "applied")),
    "whetstone.rejectImprovement": async (named) =>
      rejectImprovement(server, await pick(named, "Reject which improvement?", "testing")),
    "whetstone.explainImprovement": async (named) =>
      explainImprovement(server, pages, await pick(named, "Explain which improvement?")),
    "whetstone.checkMachine": () => checkMachine(server, pages),
    "whetstone.restart": () => server.restart(),
    "whetstone.showLog": () => log.show(),
    "whetstone.openWalkthrough": () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", "whetstone-ls.whetstone#start", false),
    "whetstone.applyPreview": () => previews.answer(true),
    "whetstone.discardPreview": () => previews.answer(false),
  };
  return Object.entries(commands).map(([name, command]) => vscode.commands.registerCommand(name, command));
}

async function proveHere(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor !== undefined) {
    const { start, end } = editor.selection;
    const range = { start: position(start), end: position(end) };
    await server.run("whetstone.prove", { uri: editor.document.uri.toString(), range });
  }
}

async function proveFile(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "python") {
    void vscode.window.showInformationMessage("Open a Python file first: what is proven is the file in front of you.");
    return;
  }
  await server.run("whetstone.prove", { uri: editor.document.uri.toString() });
}

async function openHistoryPage(server: Server): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  const answer = await server.run<{ page: string }>("whetstone.showHistory", { uri, page: false });
  if (answer !== undefined) {
    await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.file(answer.page));
  }
}

async function applyImprovement(server: Server, previews: Previews, wanted: Improvement | undefined): Promise<void> {
  if (wanted !== undefined) {
    // Open in the editor it is edited there, where it can be shown first and undone.
    const document = await vscode.workspace.openTextDocument(wanted.path);
    await vscode.window.showTextDocument(document);
    await previews.during(`Apply ${wanted.id}`, () => server.run("whetstone.apply", { id: wanted.id }));
  }
}

async function rollBackImprovement(server: Server, wanted: Improvement | undefined): Promise<void> {
  await runWithReason(server, "whetstone.rollback", wanted, "Roll back");
}

async function rejectImprovement(server: Server, wanted: Improvement | undefined): Promise<void> {
  await runWithReason(server, "whetstone.dismiss", wanted, "Reject");
}

/** Run a command on an improvement, with the reason that the person gives for it. */
async function runWithReason(
  server: Server,
  command: string,
  wanted: Improvement | undefined,
  deed: string,
): Promise<void> {
  if (wanted === undefined) {
    return;
  }
  const reason = await vscode.window.showInputBox({
    title: `${deed} ${shown(wanted).label}`,
    prompt: "Why? It is kept in the history, and may be left empty.",
  });
  if (reason !== undefined) {
    await server.run(command, { id: wanted.id, ...(reason && { reason }) });
  }
}

async function explainImprovement(server: Server, pages: Pages, wanted: Improvement | undefined): Promise<void> {
  const answer = wanted && (await server.run<{ markdown: string }>("whetstone.why", { id: wanted.id }));
  if (answer !== undefined) {
    await pages.show(`Improvement ${wanted?.id}`, answer.markdown);
  }
}

async function checkMachine(server: Server, pages: Pages): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  const answer = await server.run<{ checks: Check[] }>("whetstone.doctor", { uri });
  if (answer !== undefined) {
    const lines = answer.checks.map(
      ({ name, ok, detail, remedy }) => `- ${ok ? "✓" : "✗"} **${name}**: ${detail}${remedy === null ? "" : ` – ${remedy}`}`,
    );
    await pages.show("This machine", ["# This machine", "", ...lines, ""].join("\n"));
  }
}

async function pickImprovement(
  history: HistoryView,
  title: string,
  status?: Improvement["status"],
): Promise<Improvement | undefined> {
  const found = (await history.improvements()).filter((each) => status === undefined || each.status === status);
  if (found.length === 0) {
    void vscode.window.showInformationMessage(`No improvement here is ${status ?? "known"} just now.`);
    return undefined;
  }
  const items = found.map((improvement) => ({
    label: `$(${shown(improvement).icon}) ${shown(improvement).label}`,
    description: shown(improvement).description,
    detail: `${vscode.workspace.asRelativePath(improvement.path)}, ${improvement.id}`,
    improvement,
  }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true }))
    ?.improvement;
}

function position({ line, character }: vscode.Position): { line: number; character: number } {
  return { line, character };
}
