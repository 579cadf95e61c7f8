// Lines that the server writes to its standard error, taken apart into a level and what is said.

export type Level = "debug" | "info" | "warn" | "error";

export interface Line {
  level: Level;
  text: string;
}

const LEVELS: Readonly<Record<string, Level>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** Return a line with its level; one that names none, such as a line of a traceback, keeps the level of the one before. */
export function leveled(line: string, before: Level): Line {
  const [, word, text] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
  const level = word === undefined ? undefined : LEVELS[word];
  return level === undefined || text === undefined ? { level: before, text: line } : { level, text };
}
