// What the modules promise that need no editor.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import manifest from "../../package.json";
import { Bundle } from "../bundle";
import { Crashes } from "../crashes";
import { factor, shown, type Improvement } from "../improvement";
import { leveled } from "../log_lines";
import { first, output } from "../programs";
import { declaredSettings, settingsForServer } from "../settings";
import { asked, given, prompt, type Template } from "../template";

const MINUTE_MS = 60_000;

test("a server that crashes now and then is started again each time", () => {
  const crashes = new Crashes();
  for (let minute = 0; minute < 60; minute += 1) {
    assert.ok(crashes.again(minute * MINUTE_MS));
  }
});

test("a server that crashes right after each start is given up, until a person starts it", () => {
  const crashes = new Crashes();
  assert.deepEqual([1, 2, 3, 4, 5].map((second) => crashes.again(second * 1000)), [true, true, true, true, false]);
  crashes.forget();
  assert.ok(crashes.again(6000));
});

test("only settings that a person set are sent, with the nearest one winning, and trust", () => {
  const set: Record<string, object> = {
    budget: { defaultValue: 10, globalValue: 2, workspaceValue: 3 },
    jobs: { defaultValue: 0 },
    python: { globalValue: "/usr/bin/python3", workspaceFolderValue: "/venv/bin/python" },
    "server.command": { globalValue: ["whetstone-ls"] },
    preview: { globalValue: "never" },
    select: undefined as never,
  };
  const settings = settingsForServer(Object.keys(set), (name) => set[name], false);
  assert.deepEqual(settings, { budget: 3, python: "/venv/bin/python", trusted: false });
});

test("a setting of a person's cannot say that a workspace is trusted", () => {
  assert.equal(settingsForServer(["trusted"], () => ({ globalValue: true }), false)["trusted"], false);
  assert.equal(settingsForServer([], () => undefined, true)["trusted"], true);
});

test("the settings are those that the manifest declares", () => {
  const names = declaredSettings("whetstone", manifest);
  assert.ok(names.includes("budget") && names.includes("inlayHints") && names.includes("server.command"));
  assert.ok(!names.includes("trusted"));
});

test("a line of the server's log has the level that it names, a traceback that of the line before it", () => {
  assert.deepEqual(leveled("WARNING whetstone: a target is missed", "info"), {
    level: "warn",
    text: "whetstone: a target is missed",
  });
  assert.deepEqual(leveled("Traceback (most recent call last):", "error").level, "error");
  assert.deepEqual(leveled("NOTHING known", "info"), { level: "info", text: "NOTHING known" });
});

const question = { help: "What it is.", choices: [], minimum: null, maximum: null, unit: null, needs: {} };
const TEMPLATE: Template = {
  name: "cache",
  language: "elixir",
  title: "Cache",
  summary: "Keeps things.",
  example: "Shop.Cache",
  questions: [
    { ...question, name: "bounded", type: "boolean", default: false },
    { ...question, name: "policy", type: "choice", default: "oldest", needs: { bounded: [true] } },
    { ...question, name: "size", type: "integer", default: 8, needs: { policy: ["oldest", "rarest"] } },
  ],
};

test("a question is asked only after the answers that it needs, defaults among them", () => {
  const names = (answers: object) => asked(TEMPLATE, { ...answers }).map(({ name }) => name);
  assert.deepEqual(names({}), ["bounded"]);
  assert.deepEqual(names({ bounded: "true" }), ["bounded", "policy", "size"]);
  assert.deepEqual(names({ bounded: true, policy: "none" }), ["bounded", "policy"]);
});

test("an answer to a question that another answer has closed is not given", () => {
  assert.deepEqual(given(TEMPLATE, { bounded: "false", policy: "rarest" }), { bounded: "false" });
  assert.deepEqual(given(TEMPLATE, { bounded: "true", policy: "rarest" }), { bounded: "true", policy: "rarest" });
});

test("a question for a number says what it counts", () => {
  assert.equal(prompt({ ...question, name: "size", type: "text", default: "" }), "What it is.");
  const size = { ...question, name: "size", type: "integer", default: 8, unit: "entries", minimum: 1, maximum: 9 };
  assert.equal(prompt(size), "What it is. In entries, 1 to 9.");
});

const IMPROVEMENT: Improvement = {
  id: "5d1ac6f10c54",
  status: "applied",
  code: "WP103",
  rule: "quadratic-deduplication",
  path: "/shop/logs.py",
  function: "visitors",
  line: 20,
  confidence: 0.9,
  speedup: { estimate: 57.64, low: 56.5, high: 59 },
  applied_at: null,
  rolled_back_at: null,
};

test("an improvement is shown with what became of it and what it gains", () => {
  assert.deepEqual(shown(IMPROVEMENT), {
    label: "visitors",
    description: "applied · 57.6× · WP103",
    icon: "pass-filled",
  });
  const unmeasured = { ...IMPROVEMENT, status: "rolled-back", speedup: null, function: null } as const;
  assert.deepEqual(shown(unmeasured), { label: "/shop/logs.py", description: "rolled back · WP103", icon: "discard" });
});

test("a factor has three digits", () => {
  assert.deepEqual([1.6, 12.34, 128.4].map(factor), ["1.60", "12.3", "128"]);
});

test("a program's output is what it printed, and its failure is what it complained of", async () => {
  assert.equal(await output(process.execPath, ["-p", "1 + 1"]), "2");
  await assert.rejects(output(process.execPath, ["-e", "console.error('no'); process.exit(1)"]), /^Error: no$/);
  await assert.rejects(output("no-such-program-anywhere", []), /ENOENT/);
});

test("the first answer counts, and nobody is asked after it", async () => {
  const asked: number[] = [];
  const answer = await first([1, 2, 3], async (each) => {
    asked.push(each);
    return each === 2 ? "two" : undefined;
  });
  assert.equal(answer, "two");
  assert.deepEqual(asked, [1, 2]);
  assert.equal(await first([], async () => 1), undefined);
});

test("a bundle without wheels says what to do", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "whetstone-"));
  await assert.rejects(new Bundle(path.join(folder, "none"), folder).interpreter(undefined, () => {}), /pip install/);
  await rm(folder, { recursive: true });
});

test("a bundle that fits no Python here says so, and leaves nothing half made", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "whetstone-"));
  const wheels = path.join(folder, "wheels");
  const storage = path.join(folder, "storage");
  await mkdir(wheels);
  await writeFile(path.join(wheels, "pip-1-py3-none-any.whl"), "no wheel at all");
  await assert.rejects(new Bundle(wheels, storage).interpreter(undefined, () => {}), /does not fit|none was found/);
  assert.deepEqual(await readdir(storage).catch(() => []), []);
  await rm(folder, { recursive: true });
});
