// Long work of the server, shown where a person can cancel it.

import { randomUUID } from "node:crypto";

import * as vscode from "vscode";
import {
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
  type LanguageClient,
} from "vscode-languageclient/node";

/**
 * Show what the server reports of a request made with the token that `request` is given, and return its answer.
 *
 * What the server reports by a token of its own is shown by the language client, which offers no way to cancel it.
 */
export async function withProgress<T>(client: LanguageClient, request: (token: string) => Promise<T>): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: "Whetstone", cancellable: true };
  return vscode.window.withProgress(options, async (progress, cancellation) => {
    const token = randomUUID();
    let title = "";
    let done = 0;
    const heard = client.onProgress(WorkDoneProgress.type, token, (value) => {
      title = value.kind === "begin" ? value.title : title;
      if (value.kind !== "end") {
        const percentage = value.percentage ?? done;
        const message = value.message === undefined ? title : `${title}, ${value.message}`;
        progress.report({ message, increment: percentage - done });
        done = percentage;
      }
    });
    const cancelled = cancellation.onCancellationRequested(() =>
      client.sendNotification(WorkDoneProgressCancelNotification.type, { token }),
    );
    try {
      return await request(token);
    } finally {
      heard.dispose();
      cancelled.dispose();
    }
  });
}
