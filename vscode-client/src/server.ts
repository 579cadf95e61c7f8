// The language server as this window has it: start, restart, stop, what it is told, and what is asked of it.

import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  LSPErrorCodes,
  ResponseError,
  type CloseHandlerResult,
  type LanguageClientOptions,
} from "vscode-languageclient/node";

import { Crashes } from "./crashes";
import { findLaunch, watchInterpreter, type Launch } from "./launch";
import { leveled, type Level } from "./log_lines";
import type { Previews } from "./preview";
import { withProgress } from "./progress";
import { declaredSettings, settingsForServer } from "./settings";
import type { Status } from "./status";

const SECTION = "whetstone";
const PROVE = "whetstone.prove";
/** Commands of the server that tell the person themselves why they could not be carried out. */
const SAYS_SO_ITSELF = new Set([
  PROVE,
  "whetstone.apply",
  "whetstone.rollback",
  "whetstone.dismiss",
  "whetstone.showHistory",
  "whetstone.why",
]);
/** Commands after which the history is the same as before. */
const ONLY_READS = new Set(["whetstone.showHistory", "whetstone.why", "whetstone.doctor"]);

/** How long a server that was told to end may take for it. */
const PATIENCE_MS = 5000;
const NO_CANCELLING = new vscode.CancellationTokenSource().token;

/** Starts the server, keeps it running, and carries commands to it. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private child: ChildProcess | undefined;
  private readonly crashes = new Crashes();
  private readonly worked = new vscode.EventEmitter<void>();
  /** Fires when the history may have changed: after a command, and when the server has been started. */
  readonly onDidWork = this.worked.event;
  private readonly listeners: vscode.Disposable[] = [this.worked];
  private changing: Promise<void> = Promise.resolve();
  private proofs = 0;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: Status,
    private readonly previews: Previews,
  ) {
    this.listeners.push(
      // A trusted workspace may have a server of its own, so that the search begins anew.
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (["whetstone.server", "python.defaultInterpreterPath"].some((name) => event.affectsConfiguration(name))) {
          void this.restart();
        }
      }),
    );
    void watchInterpreter(() => this.restart()).then((watch) => watch && this.listeners.push(watch));
  }

  /** The process id of the server; undefined while none runs. */
  get processId(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** Start the server where it does not run; says why when it cannot, and never rejects. */
  start(): Promise<void> {
    return this.inTurn(() => this.begin());
  }

  /** Stop the server, if it runs, and start the one that is found now. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      this.crashes.forget();
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  dispose(): void {
    this.listeners.forEach((listener) => listener.dispose());
    void this.stop();
  }

  /** Carry a command to the server; undefined, and the person knows why, when it could not be carried out. */
  async run<T>(command: string, argument: object): Promise<T | undefined> {
    if (this.client?.isRunning() !== true) {
      void vscode.window.showWarningMessage("Whetstone's server does not run; its log says why.", "Show the Log").then(
        (chosen) => chosen && this.log.show(),
      );
      return undefined;
    }
    return this.carry(this.client, command, [argument]) as Promise<T | undefined>;
  }

  /** Starts and stops come one after the other, however quickly they are asked for. */
  private inTurn(step: () => Promise<void>): Promise<void> {
    this.changing = this.changing.then(step, step);
    return this.changing;
  }

  private async begin(): Promise<void> {
    if (this.client !== undefined) {
      return;
    }
    this.status.become({ kind: "starting", what: "Looking for the server …" });
    try {
      const launch = await findLaunch(this.context, (what) => {
        this.log.info(what);
        this.status.become({ kind: "starting", what });
      });
      this.log.info(`Starting the server ${launch.origin}`);
      this.client = this.clientFor(launch);
      await this.client.start();
      this.ready(launch);
    } catch (error) {
      this.client = undefined;
      this.failed(error instanceof Error ? error.message : String(error));
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.status.become({ kind: "stopped" });
    if (client?.needsStop() === true) {
      await client.stop().catch((error: Error) => this.log.warn(`The server did not say goodbye: ${error.message}`));
    }
    await client?.dispose().catch(() => undefined);
    await ended(this.child);
  }

  private ready(launch: Launch): void {
    this.status.become({ kind: "ready", server: `The server runs: ${launch.origin}.` });
    this.worked.fire();
  }

  private failed(reason: string): void {
    this.log.error(reason);
    this.status.become({ kind: "failed", reason });
    void vscode.window.showErrorMessage(`Whetstone: ${reason}`, "Try Again", "Show the Log").then((chosen) => {
      if (chosen === "Try Again") {
        void this.restart();
      } else if (chosen !== undefined) {
        this.log.show();
      }
    });
  }

  private clientFor(launch: Launch): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: ["python", "elixir"].flatMap((language) => [
        { language, scheme: "file" },
        { language, scheme: "untitled" },
      ]),
      outputChannel: this.log,
      initializationOptions: this.settings(),
      stdioOptions: {
        stdout: () => undefined, // carries the protocol
        stderr: (lines, log) => follow(lines, log),
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.closed(launch),
      },
      middleware: {
        executeCommand: (command, args) => this.client && this.carry(this.client, command, args),
        resolveCodeAction: async (action, token, next) => {
          const resolved = await next(action, token);
          return resolved && this.previews.instead(resolved);
        },
        workspace: {
          configuration: (wanted) => wanted.items.map(() => this.settings()),
          handleApplyEdit: (params, next) => this.previews.before(params, () => next(params, NO_CANCELLING)),
        },
      },
    };
    return new LanguageClient(SECTION, "Whetstone", () => this.process(launch), options);
  }

  private async process(launch: Launch): Promise<ChildProcess> {
    const child = spawn(launch.program, [...launch.args], {
      cwd: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(new Error(`${launch.program} cannot be started: ${error.message}`)));
    });
    this.child = child;
    return child;
  }

  private settings(): Record<string, unknown> {
    const section = vscode.workspace.getConfiguration(SECTION);
    const names = declaredSettings(SECTION, this.context.extension.packageJSON);
    return settingsForServer(names, (name) => section.inspect(name), vscode.workspace.isTrusted);
  }

  /** The server ended by itself: start it again, unless it does nothing but end. */
  private closed(launch: Launch): CloseHandlerResult {
    const lost = this.proofs > 0 ? " A proof that was under way is lost: prove again." : "";
    if (!this.crashes.again(Date.now())) {
      this.client = undefined;
      this.failed("The server ended by itself several times within three minutes, and was not started again.");
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    const message = `Whetstone's server ended by itself and is started again.${lost}`;
    this.log.warn(message);
    this.status.become({ kind: "starting", what: message });
    void vscode.window.showWarningMessage(message, "Show the Log").then((chosen) => chosen && this.log.show());
    const client = this.client;
    const watch = client?.onDidChangeState(() => {
      if (client.isRunning()) {
        watch?.dispose();
        this.ready(launch);
      }
    });
    return { action: CloseAction.Restart, handled: true };
  }

  private async carry(client: LanguageClient, command: string, args: unknown[]): Promise<unknown> {
    const done = command === PROVE ? this.status.proving() : undefined;
    this.proofs += done === undefined ? 0 : 1;
    try {
      const wanted = { command, arguments: args };
      return await (command === PROVE
        ? withProgress(client, (workDoneToken) =>
            client.sendRequest(ExecuteCommandRequest.type, { ...wanted, workDoneToken }),
          )
        : client.sendRequest(ExecuteCommandRequest.type, wanted));
    } catch (error) {
      this.refused(command, error);
      return undefined;
    } finally {
      this.proofs -= done === undefined ? 0 : 1;
      done?.();
      if (!ONLY_READS.has(command)) {
        this.worked.fire();
      }
    }
  }

  private refused(command: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.log.warn(`${command}: ${message}`);
    if (this.client?.isRunning() !== true) {
      return; // the server is gone, which is said where that is noticed
    }
    const said = error instanceof ResponseError && error.code === LSPErrorCodes.RequestFailed;
    if (!(said && SAYS_SO_ITSELF.has(command))) {
      void vscode.window.showErrorMessage(`Whetstone: ${message}`);
    }
  }
}

/** Wait until a program that was told to end has done so, and end it when it does not. */
async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const kill = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await new Promise((resolve) => child.once("exit", resolve));
  clearTimeout(kill);
}

/** Show what the server writes to its standard error, each line at its level. */
function follow(lines: NodeJS.ReadableStream, log: vscode.LogOutputChannel): void {
  let level: Level = "info";
  createInterface({ input: lines, crlfDelay: Infinity }).on("line", (line) => {
    const said = leveled(line, level);
    level = said.level;
    log[level](said.text);
  });
}
