import type { Binding } from "#core/connectors/connector.ts";
import type { Coverable, TeamRef } from "#core/connectors/linear/transform.ts";

/** A row and the projects it goes to. */
export type Routed<T> = { row: T; projects: readonly string[] };

const folded = (word: string): string => word.trim().toLowerCase();
const among = (wanted: readonly string[], words: readonly (string | null)[]): boolean => {
  const given = words.flatMap((word) => (word === null ? [] : [folded(word)]));
  return wanted.some((word) => given.includes(folded(word)));
};

const ofTeam = ({ teamIds }: Binding, { id, key }: TeamRef): boolean => teamIds.length === 0 || among(teamIds, [id, key]);
const ofProject = ({ linearProjectIds }: Binding, { id, slug, name }: Coverable["project"]): boolean =>
  linearProjectIds.length === 0 || among(linearProjectIds, [id, slug, name]);

/** Whether a binding covers an issue: it passes every kind of filter that is given. Teams go by id or key, projects by id, slug or name, without case. */
export function covers(binding: Binding, { team, project, labels }: Coverable): boolean {
  return ofTeam(binding, team) && ofProject(binding, project) && (binding.labels.length === 0 || among(binding.labels, labels));
}

/** Whether a binding covers a Linear project on its own. Its labels are not the issues' labels: one that narrows by those finds it through its issues. */
export function coversProject(binding: Binding, project: Coverable["project"], teams: readonly TeamRef[]): boolean {
  return (
    binding.labels.length === 0 &&
    ofProject(binding, project) &&
    (binding.teamIds.length === 0 || teams.some((team) => ofTeam(binding, team)))
  );
}

/** Whether a binding covers a team, and with it its states and cycles, before any issue of it is known. */
export function coversTeam(binding: Binding, team: TeamRef): boolean {
  return binding.teamIds.length > 0 ? ofTeam(binding, team) : coversAll(binding);
}

/** Whether a binding narrows by nothing. */
export const coversAll = ({ teamIds, linearProjectIds, labels }: Binding): boolean =>
  teamIds.length + linearProjectIds.length + labels.length === 0;

/** The projects a row goes to, each once. */
export function routes(bindings: readonly Binding[], passes: (binding: Binding) => boolean): string[] {
  return [...new Set(bindings.filter(passes).map((binding) => binding.projectId))];
}
