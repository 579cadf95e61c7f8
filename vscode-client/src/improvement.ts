// An improvement as the server tells it, and how it is shown in one line.

export interface Speedup {
  estimate: number;
  low: number;
  high: number;
}

export interface Improvement {
  id: string;
  status: "proposed" | "testing" | "approved" | "rejected" | "applied" | "rolled-back";
  code: string;
  rule: string;
  path: string;
  function: string | null;
  line: number | null;
  confidence: number | null;
  speedup: Speedup | null;
  applied_at: string | null;
  rolled_back_at: string | null;
}

/** What is shown of an improvement. */
export interface Shown {
  label: string;
  description: string;
  icon: string;
}

const ICONS: Readonly<Record<Improvement["status"], string>> = {
  proposed: "lightbulb",
  testing: "beaker",
  approved: "verified",
  rejected: "circle-slash",
  applied: "pass-filled",
  "rolled-back": "discard",
};

/** Return the line that shows an improvement: what was improved, what became of it, and what it gains. */
export function shown(improvement: Improvement): Shown {
  const gain = improvement.speedup === null ? [] : [`${factor(improvement.speedup.estimate)}×`];
  return {
    label: improvement.function ?? improvement.path,
    description: [improvement.status.replace("-", " "), ...gain, improvement.code].join(" · "),
    icon: ICONS[improvement.status] ?? "question",
  };
}

/** Return a factor with three digits, or all of those before the point: `1.60`, `12.3`, `128`. */
export function factor(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toFixed(digits);
}
