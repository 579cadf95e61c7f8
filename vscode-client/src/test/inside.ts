// What the extension promises, asked of it inside of VS Code's extension host, with the real server.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";

import * as vscode from "vscode";

import type { Api } from "../extension";
import type { Improvement } from "../improvement";

const PATIENCE_MS = 90_000;
const ID = "whetstone-ls.whetstone";
const SLEEPY = "import time\n\n\ndef test_that_takes_its_time():\n    time.sleep(60)\n";

/** Run every story in order; the first that fails ends the run. */
export async function run(): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  const extension = vscode.extensions.getExtension<Api>(ID);
  assert.ok(extension);
  const document = await vscode.workspace.openTextDocument(path.join(folder.uri.fsPath, "report.py"));
  const stories = new Stories(await extension.activate(), document, extension.packageJSON as Manifest);
  await vscode.window.showTextDocument(document);
  for (const [name, story] of Object.entries(stories.all)) {
    const began = Date.now();
    await story();
    console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
}

interface Manifest {
  contributes: { commands: { command: string }[] };
}

class Stories {
  readonly all: Record<string, () => Promise<void>> = {
    "the server is that of the selected interpreter": () => this.starts(),
    "every command of the manifest is there": () => this.hasCommands(),
    "a squiggle, with a proof among its fixes": () => this.squiggles(),
    "a proof says what it measured": () => this.proves(),
    "a discarded preview changes nothing": () => this.discards(),
    "an applied preview changes the text": () => this.applies(),
    "the history has it, and rolls it back": () => this.rollsBack(),
    "an approved improvement is applied from the history, by way of a preview": () => this.appliesAgain(),
    "an improvement is explained on a page, and so is the machine": () => this.explains(),
    "a template makes its files": () => this.makesFiles(),
    "a restart keeps the history and ends the old server": () => this.restarts(),
    "a server that is killed in the middle of a proof is started again": () => this.survivesKill(),
  };
  private readonly before: string;
  private after = "";

  constructor(
    private readonly api: Api,
    private readonly document: vscode.TextDocument,
    private readonly manifest: Manifest,
  ) {
    this.before = document.getText();
  }

  private async starts(): Promise<void> {
    await until("a status that is well", () => this.api.statusText() === "$(check) Whetstone");
    assert.ok(this.api.serverProcess());
  }

  private async hasCommands(): Promise<void> {
    const known = new Set(await vscode.commands.getCommands(true));
    const wanted = this.manifest.contributes.commands.map(({ command }) => command);
    assert.deepEqual(wanted.filter((command) => !known.has(command)), []);
  }

  private async squiggles(): Promise<void> {
    const squiggle = await this.squiggle();
    assert.equal(this.document.getText(squiggle.range), "text += word");
    const titles = (await this.fixes()).map(({ title }) => title);
    assert.ok(titles.some((title) => title.startsWith("Prove: ")), titles.join());
    assert.ok(!titles.some((title) => title.includes("proven")), titles.join());
  }

  private async proves(): Promise<void> {
    await this.prove();
    const squiggle = await this.squiggle(/proven [\d.,]+× faster/);
    assert.match(squiggle.message, /\d–\d/);
    const [best] = await this.fixes();
    assert.match(best?.title ?? "", /\(proven [\d.,]+× faster, [\d.,]+–[\d.,]+\)$/);
    assert.equal(best?.isPreferred, true);
  }

  private async discards(): Promise<void> {
    const done = this.pick();
    await until("a preview", () => previewTab());
    await vscode.commands.executeCommand("whetstone.discardPreview");
    await done;
    await until("no preview", () => previewTab() === undefined);
    assert.equal(this.document.getText(), this.before);
  }

  private async applies(): Promise<void> {
    const done = this.pick();
    const tab = await until("a preview", () => previewTab());
    const shown = await vscode.workspace.openTextDocument((tab.input as vscode.TabInputTextDiff).modified);
    this.after = shown.getText();
    assert.match(this.after, /"".join\(pieces\)/);
    assert.equal(this.document.getText(), this.before);
    await vscode.commands.executeCommand("whetstone.applyPreview");
    await done;
    assert.equal(this.document.getText(), this.after);
  }

  private async rollsBack(): Promise<void> {
    const { id } = await this.improvement("applied");
    await vscode.commands.executeCommand("whetstone.rollback", { id, reason: "only tried" });
    await until("the old text", () => this.document.getText() === this.before);
    await this.improvement("rolled-back");
  }

  private async appliesAgain(): Promise<void> {
    await this.prove();
    const improvement = await this.improvement("approved");
    const done = vscode.commands.executeCommand("whetstone.applyImprovement", improvement);
    await until("a preview", () => previewTab());
    assert.equal(this.document.getText(), this.before);
    await vscode.commands.executeCommand("whetstone.applyPreview");
    await done;
    assert.equal(this.document.getText(), this.after);
    await this.improvement("applied");
  }

  private async explains(): Promise<void> {
    await vscode.commands.executeCommand("whetstone.explainImprovement", await this.improvement("applied"));
    await until("a page of the improvement", () => pageTab("Improvement "));
    await vscode.commands.executeCommand("whetstone.checkMachine");
    await until("a page of the machine", () => pageTab("This machine"));
    assert.deepEqual(vscode.workspace.textDocuments.filter(({ isUntitled }) => isUntitled), []);
    await vscode.window.showTextDocument(this.document);
  }

  private async makesFiles(): Promise<void> {
    const wanted = { template: "circuit-breaker", language: "python", name: "breaker", uri: this.document.uri.toString() };
    const made = await vscode.commands.executeCommand<{ uri: string; files: { path: string }[] }>("whetstone.new", wanted);
    assert.equal(made.files.length, 2);
    for (const file of made.files) {
      const document = await vscode.workspace.openTextDocument(file.path);
      assert.match(document.getText(), /^"""/);
      await document.save();
    }
    await vscode.window.showTextDocument(this.document);
  }

  private async restarts(): Promise<void> {
    const old = this.api.serverProcess();
    assert.ok(old);
    await vscode.commands.executeCommand("whetstone.restart");
    assert.notEqual(this.api.serverProcess(), old);
    assert.throws(() => process.kill(old, 0), /ESRCH/);
    await this.improvement("applied");
    assert.equal(this.api.statusText(), "$(check) Whetstone");
  }

  private async survivesKill(): Promise<void> {
    const sleepy = path.join(path.dirname(this.document.uri.fsPath), "test_sleepy.py");
    await writeFile(sleepy, SLEEPY);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(this.document.uri, new vscode.Range(0, 0, this.document.lineCount, 0), this.before);
    await vscode.workspace.applyEdit(edit);
    const killed = this.api.serverProcess();
    assert.ok(killed);
    const proof = this.prove();
    await until("a proof under way", () => this.api.statusText().endsWith("proving 1"));
    process.kill(killed, "SIGKILL");
    await proof;
    await until("another server", () => this.api.statusText() === "$(check) Whetstone" && this.api.serverProcess() !== killed);
    await this.squiggle();
    console.log("look for: Whetstone's server ended by itself and is started again. A proof that was under way is lost");
  }

  private async prove(): Promise<void> {
    const action = (await this.fixes()).find(({ title }) => title.startsWith("Prove: "));
    assert.ok(action?.command);
    await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
  }

  /** Pick the first fix, as a person does: it is resolved, and its command is carried out. */
  private async pick(): Promise<void> {
    const [best] = await this.fixes(1);
    assert.ok(best?.command);
    await vscode.commands.executeCommand(best.command.command, ...(best.command.arguments ?? []));
  }

  private async fixes(resolved = 0): Promise<vscode.CodeAction[]> {
    const { range } = await this.squiggle();
    return vscode.commands.executeCommand(
      "vscode.executeCodeActionProvider",
      this.document.uri,
      range,
      "quickfix",
      resolved,
    );
  }

  private squiggle(message = /./): Promise<vscode.Diagnostic> {
    return until(`a squiggle like ${message}`, () =>
      vscode.languages
        .getDiagnostics(this.document.uri)
        .find((each) => each.source === "whetstone" && message.test(each.message)),
    );
  }

  private async improvement(status: Improvement["status"]): Promise<Improvement> {
    const uri = this.document.uri.toString();
    const answer = await vscode.commands.executeCommand<{ improvements: Improvement[] }>("whetstone.showHistory", {
      uri,
      page: false,
    });
    const found = answer.improvements.find((each) => each.status === status);
    assert.ok(found, JSON.stringify(answer.improvements));
    return found;
  }
}

function previewTab(): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === "whetstone-preview");
}

function pageTab(title: string): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find(({ input, label }) => input instanceof vscode.TabInputWebview && label.includes(title));
}

/** Return what `seen` answers as soon as it is there; VS Code announces no change of most things, so it is asked again. */
async function until<T>(what: string, seen: () => T | undefined): Promise<NonNullable<T>> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const answer = seen();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come`);
}
