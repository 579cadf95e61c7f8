// New from template: which, under what name, and what it asks. The server knows the templates and writes them.

import * as vscode from "vscode";

import type { Server } from "./server";
import { asked, choices, given, prompt, type Answers, type Question, type Template } from "./template";

const COMMAND = "whetstone.new";

/** A question, or without one the wish to write it now. */
interface Item extends vscode.QuickPickItem {
  question?: Question;
}

interface Made {
  uri: string;
  files: { path: string; status: "created" | "changed" | "unchanged" }[];
}

/** Ask for a template, a name and answers, have the server write it, and show it; Escape at any step writes nothing. */
export async function newFromTemplate(server: Server): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const uri = document?.uri.scheme === "file" ? document.uri.toString() : undefined;
  const listed = await server.run<{ templates: Template[] }>(COMMAND, {});
  const template = listed && (await pickTemplate(listed.templates, document?.languageId));
  const name = template && (await askName(template));
  const answers = name && (await askAll(template, name));
  if (template !== undefined && answers) {
    const { name: kind, language } = template;
    const made = await server.run<Made>(COMMAND, { template: kind, language, name, answers, uri });
    if (made !== undefined) {
      await saveAll(made);
      await vscode.window.showTextDocument(vscode.Uri.parse(made.uri), { preview: false });
    }
  }
}

/** An edit leaves files unsaved, and tests that are run in a terminal would find them empty. */
async function saveAll({ files }: Made): Promise<void> {
  for (const { path } of files.filter(({ status }) => status !== "unchanged")) {
    await (await vscode.workspace.openTextDocument(path)).save();
  }
}

/** Those in the language of the document come first. */
async function pickTemplate(templates: Template[], language: string | undefined): Promise<Template | undefined> {
  const items = templates
    .map((template) => ({
      label: template.name,
      description: `${template.title} (${template.language})`,
      detail: template.summary,
      template,
    }))
    .sort((a, b) => Number(b.template.language === language) - Number(a.template.language === language));
  const options = { title: "New from Template", matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.template;
}

async function askName(template: Template): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: `New ${template.name}`,
    prompt: "What is it called?",
    placeHolder: template.example,
    validateInput: (typed) => (typed.trim() === "" ? `Write a name like ${template.example}.` : undefined),
  });
}

/** Show every question with its answer, until it is to be written. */
async function askAll(template: Template, name: string): Promise<Answers | undefined> {
  let answers: Answers = {};
  for (;;) {
    const items: Item[] = asked(template, answers).map((question) => ({
      label: question.name,
      description: String(answers[question.name] ?? question.default),
      detail: question.help,
      question,
    }));
    const title = `New ${template.name} ${name}: choose what to change`;
    const picked = await vscode.window.showQuickPick([{ label: `$(check) Write ${name}` }, ...items], { title, matchOnDetail: true });
    if (picked?.question === undefined) {
      return picked && given(template, answers);
    }
    const answer = await ask(picked.question, picked.description ?? "");
    answers = answer === undefined ? answers : { ...answers, [picked.question.name]: answer };
  }
}

async function ask(question: Question, value: string): Promise<string | undefined> {
  const title = question.name;
  const known = choices(question);
  return known.length > 0
    ? vscode.window.showQuickPick(known, { title, placeHolder: prompt(question) })
    : vscode.window.showInputBox({ title, prompt: prompt(question), value });
}
