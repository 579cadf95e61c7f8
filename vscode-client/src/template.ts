// A template as the server tells it, and which of its questions are asked after which answers.

export type Answer = string | number | boolean;
export type Answers = Readonly<Record<string, Answer>>;

export interface Question {
  name: string;
  type: string;
  default: Answer;
  help: string;
  choices: string[];
  minimum: number | null;
  maximum: number | null;
  unit: string | null;
  /** Asked only when each of these questions has one of these answers. */
  needs: Record<string, Answer[]>;
}

export interface Template {
  name: string;
  language: string;
  title: string;
  summary: string;
  example: string;
  questions: Question[];
}

/** Return the questions that are asked after these answers, where the default answers those that are not among them. */
export function asked(template: Template, answers: Answers): Question[] {
  const known: Record<string, string> = {};
  return template.questions.filter((question) => {
    const met = Object.entries(question.needs).every(([other, wanted]) => wanted.map(String).includes(known[other] ?? ""));
    if (met) {
      known[question.name] = String(answers[question.name] ?? question.default);
    }
    return met;
  });
}

/** Return the answers to what is asked; one to a question that another answer has closed is left out. */
export function given(template: Template, answers: Answers): Answers {
  const open = new Set(asked(template, answers).map(({ name }) => name));
  return Object.fromEntries(Object.entries(answers).filter(([name]) => open.has(name)));
}

/** Return what can be chosen from; nothing where an answer is typed. */
export function choices(question: Question): string[] {
  return question.type === "boolean" ? ["true", "false"] : question.choices;
}

/** Return the question with what a number counts. */
export function prompt({ help, unit, minimum, maximum }: Question): string {
  const bounds = minimum === null || maximum === null ? "" : `, ${minimum} to ${maximum}`;
  return unit === null ? help : `${help} In ${unit}${bounds}.`;
}
