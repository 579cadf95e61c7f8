// The whole story by keys, with pictures: `node run_by_keys.js VSCODE VSIX FOLDER PICTURES`.
//
// VS Code starts with the packed extension in a folder that is not trusted yet. Prints a line for each step that went
// as it should, and ends with 1, and a picture, at the first that did not.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";

import type { Locator, Page } from "playwright-core";

import { startEditor } from "./editor";

const PROVEN = /\(proven [\d.,]+× faster, [\d.,]+–[\d.,]+\)$/;

async function main(): Promise<void> {
  const [vscode, vsix, folder, pictures] = process.argv.slice(2);
  if (vscode === undefined || vsix === undefined || folder === undefined || pictures === undefined) {
    throw new Error("needs the folder of VS Code, a packed extension, a folder to open, and one for pictures");
  }
  const trust = { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" };
  const editor = await startEditor(vscode, vsix, { ...trust, "security.workspace.trust.banner": "never" });
  const file = path.join(folder, "report.py");
  const story = new Story(editor.page, file, pictures, await readFile(file, "utf8"));
  try {
    await editor.open(folder, [["openFile", `vscode-remote://${editor.authority}${file}`]]);
    for (const [name, step] of Object.entries(story.steps)) {
      await step();
      console.log(`ok ${name}`);
    }
  } catch (error) {
    await story.picture("failed");
    throw error;
  } finally {
    await editor.close();
  }
}

class Story {
  readonly steps: Record<string, () => Promise<void>> = {
    "squiggles come where nothing may be run, and a proof is refused": () => this.untrusted(),
    "with trust a proof is offered among the quick fixes": () => this.trusted(),
    "a proof is cancelled where it is shown": () => this.cancels(),
    "the title of the fix says what was measured": () => this.proves(),
    "the change is shown before it is made": () => this.shows(),
    "the file has the rewrite": () => this.applies(),
    "the history rolls it back": () => this.rollsBack(),
    "the walkthrough opens": () => this.walksThrough(),
  };
  private count = 0;

  constructor(
    private readonly page: Page,
    private readonly file: string,
    private readonly pictures: string,
    private readonly before: string,
  ) {}

  async picture(name: string): Promise<void> {
    this.count += 1;
    await this.page.screenshot({ path: path.join(this.pictures, `${this.count}-${name}.png`) });
  }

  private async untrusted(): Promise<void> {
    await this.status("Whetstone", "shield");
    await this.page.locator(".squiggly-warning, .squiggly-info").first().waitFor();
    await this.toSquiggle();
    await this.quickFixes("Prove: ");
    await this.page.keyboard.press("Enter");
    await this.notification("this workspace is not trusted");
    // Once the notification of progress is gone, the refusal stands there, and stands there once.
    await this.page.locator(".notification-list-item").nth(1).waitFor({ state: "detached" });
    await this.picture("untrusted");
    await this.palette("Notifications: Clear All Notifications");
  }

  private async trusted(): Promise<void> {
    await this.palette("Workspaces: Manage Workspace Trust");
    const editor = this.page.locator(".workspace-trust-editor");
    await editor.waitFor();
    await editor.getByRole("button", { name: "Trust", exact: true }).first().click();
    await this.status("Whetstone", "check");
    await this.page.keyboard.press("Control+W");
    await this.page.locator(".squiggly-warning, .squiggly-info").first().waitFor();
    await this.toSquiggle();
    await this.quickFixes("Prove: ");
    await this.picture("prove");
  }

  private async cancels(): Promise<void> {
    await this.page.keyboard.press("Enter");
    const notification = await this.notification("Proving as_lines");
    await notification.hover();
    await notification.getByRole("button", { name: "Cancel" }).click();
    await this.status("Whetstone", "check");
    await this.page.locator(".codelens-decoration", { hasText: "Prove the rewrite" }).waitFor();
    await this.palette("Notifications: Clear All Notifications");
    await this.toSquiggle();
    await this.quickFixes("Prove: ");
  }

  private async proves(): Promise<void> {
    await this.page.keyboard.press("Enter");
    await this.status("Whetstone: proving 1");
    await this.notification("Proving as_lines");
    await this.picture("proving");
    await this.page.locator(".codelens-decoration", { hasText: /Proven [\d.,]+×/ }).waitFor();
    await this.status("Whetstone", "check");
    await this.palette("Notifications: Clear All Notifications");
    await this.toSquiggle();
    const title = await this.quickFixes("", PROVEN);
    assert.match(title, PROVEN);
    await this.picture("proven");
  }

  private async shows(): Promise<void> {
    await this.page.keyboard.press("Enter");
    const diff = this.page.locator(".monaco-diff-editor .editor.modified");
    await diff.getByText("pieces.append").first().waitFor();
    await this.status("Whetstone: Ctrl+Enter applies, Escape discards");
    assert.equal(await readFile(this.file, "utf8"), this.before);
    await this.picture("preview");
  }

  private async applies(): Promise<void> {
    await this.page.keyboard.press("Control+Enter");
    await this.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
    await this.page.locator(".view-line", { hasText: "pieces.append" }).first().waitFor();
    await this.saved((text) => text.includes('"".join(pieces)'));
    await this.picture("applied");
  }

  private async rollsBack(): Promise<void> {
    await this.palette("Whetstone: Show Improvements");
    const row = this.page.locator(".pane-body .monaco-list-row", { hasText: "as_lines" });
    await row.filter({ hasText: "applied" }).waitFor();
    await this.picture("history");
    await row.hover();
    await row.getByRole("button", { name: /^Roll Back/ }).click();
    await this.page.locator(".quick-input-widget input").waitFor();
    await this.page.keyboard.type("only tried");
    await this.page.keyboard.press("Enter");
    await row.filter({ hasText: "rolled back" }).waitFor();
    await this.page.keyboard.press("Control+1");
    await this.saved((text) => text === this.before);
    await this.picture("rolled-back");
  }

  private async walksThrough(): Promise<void> {
    await this.palette("Whetstone: Get Started");
    await this.page.getByText("Faster Python, proved").first().waitFor();
    await this.page.getByText("Look at this machine").first().waitFor();
    await this.picture("walkthrough");
  }

  /** Put the cursor on the first problem of the file. */
  private async toSquiggle(): Promise<void> {
    await this.page.locator(".editor-instance .view-lines").first().click();
    await this.page.keyboard.press("Control+Home");
    await this.page.keyboard.press("F8");
    await this.page.keyboard.press("Escape");
  }

  /** Open the list of quick fixes, go to the first that begins with some words, and return its title. */
  private async quickFixes(start: string, like = /./): Promise<string> {
    await this.page.keyboard.press("Control+.");
    const items = this.page.locator(".action-widget .monaco-list-row.action");
    await items.first().waitFor();
    const titles = (await items.allTextContents()).map((title) => title.trim());
    const wanted = titles.findIndex((title) => title.startsWith(start) && like.test(title));
    assert.notEqual(wanted, -1, `none of ${JSON.stringify(titles)}`);
    for (let press = 0; press < titles.length; press += 1) {
      const focused = await this.page.locator(".action-widget .monaco-list-row.focused").first().textContent();
      if (focused?.trim() === titles[wanted]) {
        break;
      }
      await this.page.keyboard.press("ArrowDown");
    }
    return titles[wanted] ?? "";
  }

  private async palette(command: string): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.page.locator(".quick-input-widget input").waitFor();
    await this.page.keyboard.type(command);
    await this.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: command }).waitFor();
    await this.page.keyboard.press("Enter");
  }

  private async status(words: string, icon = ""): Promise<void> {
    const item = this.page.locator("#status\\.extensions, .statusbar-item", { hasText: words });
    await (icon === "" ? item : item.filter({ has: this.page.locator(`.codicon-${icon}`) })).first().waitFor();
  }

  private async notification(words: string): Promise<Locator> {
    const shown = this.page.locator(".notification-list-item", { hasText: words }).first();
    await shown.waitFor();
    return shown;
  }

  /** Save the file, again and again until it is as it should be. */
  private async saved(right: (text: string) => boolean): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      await this.page.keyboard.press("Control+S");
      if (right(await readFile(this.file, "utf8"))) {
        return;
      }
      await this.page.waitForTimeout(100);
    }
    assert.fail(`the file was not saved as it should be:\n${await readFile(this.file, "utf8")}`);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
