// A real VS Code for tests: its own server, and headless Chromium in front of it.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { chromium, type BrowserContext, type Page } from "playwright-core";

const PATIENCE_MS = 90_000;
/** What keeps the window quiet, so that pictures of it are alike. */
const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Light Modern",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off", // on by default in a browser
  "files.hotExit": "off",
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "window.commandCenter": false,
  "editor.minimap.enabled": false,
  "git.enabled": false,
};
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** VS Code with one folder open; whoever opened it closes it. */
export interface Editor {
  page: Page;
  /** Its address as a remote, as URIs of it begin. */
  authority: string;
  /** Open a folder, with what the workbench is told besides. */
  open(folder: string, payload: readonly (readonly [string, string])[]): Promise<void>;
  close(): Promise<void>;
}

/** Start VS Code in a place of its own, with an extension installed when one is given, and settings besides ours. */
export async function startEditor(vscode: string, vsix?: string, settings: object = {}): Promise<Editor> {
  const home = await mkdtemp(path.join(tmpdir(), "vscode-"));
  for (const scope of ["User", "Machine"]) {
    await mkdir(path.join(home, "user", scope), { recursive: true });
    await writeFile(path.join(home, "user", scope, "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
  }
  const places = ["server", "user", "ext"].flatMap((name, index) => [
    ["--server-data-dir", "--user-data-dir", "--extensions-dir"][index] ?? "",
    path.join(home, name),
  ]);
  const main = [path.join(vscode, "out", "server-main.js"), "--accept-server-license-terms", ...places];
  if (vsix !== undefined) {
    const installed = spawnSync(process.execPath, [...main, "--install-extension", vsix], { encoding: "utf8" });
    if (installed.status !== 0 || !installed.stdout.includes("successfully installed")) {
      throw new Error(`the extension was not installed:\n${installed.stdout}${installed.stderr}`);
    }
  }
  const authority = `127.0.0.1:${await freePort()}`;
  const address = ["--host", "127.0.0.1", "--port", authority.split(":")[1] ?? ""];
  const quiet = ["--without-connection-token", "--telemetry-level", "off", "--enable-smoke-test-driver"];
  const server = spawn(process.execPath, [...main, ...address, ...quiet], { stdio: ["ignore", "pipe", "pipe"] });
  let browser: BrowserContext | undefined;
  const close = async () => {
    await browser?.close();
    await ended(server);
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await listening(server);
    browser = await chromium.launchPersistentContext(path.join(home, "chromium"), {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: CHROMIUM_FLAGS,
      viewport: { width: 1180, height: 720 },
    });
    const page = browser.pages()[0] ?? (await browser.newPage());
    page.setDefaultTimeout(PATIENCE_MS);
    const open = async (folder: string, payload: readonly (readonly [string, string])[]) => {
      const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
      await page.goto(`http://${authority}/?${query}`);
    };
    return { page, authority, open, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === "string") {
    throw new Error("no port is free");
  }
  return address.port;
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (piece: Buffer) => {
      said += piece.toString();
      if (said.includes("Extension host agent listening")) {
        resolve();
      }
    };
    server.stdout?.on("data", hear);
    server.stderr?.on("data", hear);
    server.once("exit", () => reject(new Error(`VS Code's server ended:\n${said}`)));
  });
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode === null) {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    await gone;
  }
}
