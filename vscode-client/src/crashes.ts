// How often a server that ends by itself is started again.

const MOST = 4;
const WITHIN_MS = 3 * 60 * 1000;

/** Counts crashes: a server that crashes right after each start is given up. */
export class Crashes {
  private times: number[] = [];

  /** Count a crash at a time in milliseconds, and return whether the server should be started again. */
  again(now: number): boolean {
    this.times = [...this.times.filter((time) => now - time < WITHIN_MS), now];
    return this.times.length <= MOST;
  }

  /** Forget them, because a person started the server. */
  forget(): void {
    this.times = [];
  }
}
