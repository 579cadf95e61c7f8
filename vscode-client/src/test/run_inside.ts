// Run the tests of `inside.ts` in VS Code's extension host: `node run_inside.js VSCODE EXTENSION FOLDER PICTURE`.

import path from "node:path";

import { startEditor } from "./editor";

async function main(): Promise<number> {
  const [vscode, extension, folder, picture] = process.argv.slice(2);
  if (vscode === undefined || extension === undefined || folder === undefined || picture === undefined) {
    throw new Error("needs the folder of VS Code, that of the extension, one to open, and a name for a picture");
  }
  const editor = await startEditor(vscode, undefined, { "security.workspace.trust.enabled": false });
  try {
    const looks: Promise<void>[] = []; // at messages, which tests inside cannot see
    const exit = new Promise<number>((resolve, reject) => {
      const told = (code: number) => resolve(code);
      void editor.page.exposeFunction("codeAutomationExit", told);
      void editor.page.exposeFunction("codeAutomationLog", (_: string, words: unknown[]) => {
        const [, wanted] = /^look for: (.*)/.exec(String(words[0])) ?? [];
        if (wanted === undefined) {
          console.log(...words);
        } else {
          looks.push(editor.page.locator(".notification-list-item", { hasText: wanted }).first().waitFor());
        }
      });
      editor.page.once("crash", () => reject(new Error("the page crashed")));
      setTimeout(() => reject(new Error("the tests did not end")), 220_000).unref();
    });
    const remote = `vscode-remote://${editor.authority}${extension}`;
    await editor.open(folder, [
      ["extensionDevelopmentPath", remote],
      ["extensionTestsPath", `${remote}/${path.join("dist", "test", "inside.js")}`],
      ["skipWelcome", "true"],
    ]);
    const code = await exit;
    await Promise.all(looks).finally(() => editor.page.screenshot({ path: picture }));
    return code;
  } finally {
    await editor.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
