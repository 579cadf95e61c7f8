// Other programs: run one to its end, and find one that can run the server.

import { execFile } from "node:child_process";

/** What a program that ended well wrote to standard output; rejects with what it wrote to standard error. */
export function output(program: string, args: readonly string[], patienceMs = 20_000): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { timeout: patienceMs, windowsHide: true }, (error, stdout, stderr) => {
      if (error) {
        reject(new Error(stderr.trim() || error.message));
      } else {
        resolve(stdout.trim());
      }
    });
  });
}

/** Return the first of some answers that is there, asking one after the other; undefined when none is. */
export async function first<T, R>(
  candidates: readonly T[],
  ask: (candidate: T) => Promise<R | undefined>,
): Promise<R | undefined> {
  for (const candidate of candidates) {
    const answer = await ask(candidate);
    if (answer !== undefined) {
      return answer;
    }
  }
  return undefined;
}
