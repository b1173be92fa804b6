import type { Binding } from "#core/connectors/connector.ts";

export type Coverable = { inboxId: number | null; labels: readonly string[]; company: string | null };

/** Whether a binding covers a conversation: it passes every kind of filter that is given. Companies are compared without case. */
export function covers(binding: Binding, row: Coverable): boolean {
  if (binding.inboxIds.length > 0 && (row.inboxId === null || !binding.inboxIds.includes(row.inboxId))) return false;
  if (binding.labels.length > 0 && !row.labels.some((label) => binding.labels.includes(label))) return false;
  return binding.companies.length === 0 || isOf(binding, row.company);
}

/** Whether a binding covers a contact on its own, without a conversation: it narrows by company at most. */
export function coversContact(binding: Binding, company: string | null): boolean {
  if (binding.inboxIds.length > 0 || binding.labels.length > 0) return false;
  return binding.companies.length === 0 || isOf(binding, company);
}

/** The projects a row goes to, each once. */
export function routes(bindings: readonly Binding[], passes: (binding: Binding) => boolean): string[] {
  return [...new Set(bindings.filter(passes).map((binding) => binding.projectId))];
}

function isOf(binding: Binding, company: string | null): boolean {
  const folded = company?.trim().toLowerCase();
  return folded !== undefined && binding.companies.some((wanted) => wanted.trim().toLowerCase() === folded);
}
