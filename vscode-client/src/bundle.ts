// The server that came along: an environment of its own, made once from the wheels in the bundle, without a network.

import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";

import { first, output } from "./programs";

const NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
const ASK_USABLE =
  "import sys, venv; assert sys.version_info >= (3, 11); print(sys.executable, sys.implementation.cache_tag, sep='\\n')";
const PATIENCE_MS = 120_000;
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const INSTALL =
  "run `pip install whetstone-ls` with the interpreter that is selected, or set whetstone.server.command";

/** A Python that can run the server, with what tells compiled wheels for it apart from others. */
interface Python {
  program: string;
  tag: string;
}

/** Wheels of the server and of what it stands on, and the environments that were made from them. */
export class Bundle {
  /** @param wheels the folder they came along in; @param storage where environments are made. */
  constructor(
    private readonly wheels: string,
    private readonly storage: string,
  ) {}

  /**
   * Return the interpreter of an environment that has the server, which is made where it is not there yet.
   *
   * Rejects with a sentence that says what to do when there are no wheels, no Python, or none that fits the other.
   */
  async interpreter(selected: string | undefined, say: (what: string) => void): Promise<string> {
    const names = (await fs.readdir(this.wheels).catch(() => [] as string[])).filter((name) => name.endsWith(".whl"));
    if (names.length === 0) {
      throw new Error(`This build of the extension brings no server along: ${INSTALL}.`);
    }
    const python = await first(selected === undefined ? NAMES : [selected, ...NAMES], usable);
    if (python === undefined) {
      throw new Error("Whetstone needs Python 3.11 or newer, and none was found: install one, or select it.");
    }
    const home = path.join(this.storage, `server-${await this.fingerprint(names)}-${python.tag}`);
    if (!(await exists(interpreterOf(home)))) {
      say("Setting up Whetstone's server, once …");
      await this.make(home, python, names);
    }
    const now = new Date();
    await fs.utimes(home, now, now);
    await this.removeUnused();
    return interpreterOf(home);
  }

  /** Make an environment beside its place and name it last, so that a half made one is never taken for the server. */
  private async make(home: string, python: Python, names: readonly string[]): Promise<void> {
    await fs.mkdir(this.storage, { recursive: true });
    const made = await fs.mkdtemp(path.join(this.storage, "server-making-"));
    try {
      await output(python.program, ["-m", "venv", "--without-pip", made], PATIENCE_MS);
      await output(interpreterOf(made), this.installation(names), PATIENCE_MS).catch((error: Error) => {
        throw new Error(`The server that came along does not fit ${python.program}: ${INSTALL}. ${lastLine(error)}`);
      });
      await fs.rm(home, { recursive: true, force: true });
      await fs.rename(made, home).catch(async (error: Error) => {
        if (!(await exists(interpreterOf(home)))) {
          throw error; // otherwise another window was quicker
        }
      });
    } finally {
      await fs.rm(made, { recursive: true, force: true });
    }
  }

  /** Return the arguments that install the server; pip runs from its own wheel, as not every Python has one. */
  private installation(names: readonly string[]): string[] {
    const pip = names.find((name) => name.startsWith("pip-")) ?? "";
    const quietly = ["--isolated", "--quiet", "--disable-pip-version-check", "--no-input"];
    const offline = ["--no-index", "--find-links", this.wheels];
    return ["-I", path.join(this.wheels, pip, "pip"), ...quietly, "install", ...offline, "whetstone-ls"];
  }

  /** Remove environments that no window has used for a month; any other may be in use. */
  private async removeUnused(): Promise<void> {
    for (const name of (await fs.readdir(this.storage)).filter((each) => each.startsWith("server-"))) {
      const environment = path.join(this.storage, name);
      if (Date.now() - (await fs.stat(environment)).mtimeMs > KEPT_MS) {
        await fs.rm(environment, { recursive: true, force: true });
      }
    }
  }

  /** Return what changes with the wheels, so that a new build of the same version is not taken for the old one. */
  private async fingerprint(names: readonly string[]): Promise<string> {
    const hash = createHash("sha256");
    for (const name of [...names].sort()) {
      hash.update(`${name} ${(await fs.stat(path.join(this.wheels, name))).size}\n`);
    }
    return hash.digest("hex").slice(0, 12);
  }
}

async function usable(name: string): Promise<Python | undefined> {
  const answer = await output(name, ["-c", ASK_USABLE]).catch(() => "");
  const [program, tag] = answer.split("\n").map((line) => line.trim());
  return program && tag ? { program, tag } : undefined;
}

function interpreterOf(environment: string): string {
  return process.platform === "win32"
    ? path.join(environment, "Scripts", "python.exe")
    : path.join(environment, "bin", "python");
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}

function lastLine(error: Error): string {
  return error.message.trim().split("\n").at(-1) ?? "";
}
