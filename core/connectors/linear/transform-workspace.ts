import { clean } from "#core/connectors/clean.ts";
import type { Raw } from "#core/connectors/linear/api.ts";
import { date, flag, id, instant, nodes, number, object, optional, required, text, whole } from "#core/connectors/linear/values.ts";

type Stamp = string | null;
export type Team = { externalId: string; key: string | null; name: string; updatedAt: Stamp; archivedAt: Stamp };
export type User = {
  externalId: string;
  name: string | null;
  displayName: string | null;
  email: string | null;
  active: boolean;
  guest: boolean;
  updatedAt: Stamp;
};
export type State = {
  externalId: string;
  teamExternalId: string | null;
  name: string;
  type: string | null;
  position: number | null;
  updatedAt: Stamp;
};
export type Cycle = {
  externalId: string;
  teamExternalId: string | null;
  number: number | null;
  name: string | null;
  startsAt: Stamp;
  endsAt: Stamp;
  completedAt: Stamp;
  progress: number | null;
  createdAt: Stamp;
  updatedAt: Stamp;
};
export type Project = {
  externalId: string;
  slugId: string | null;
  name: string;
  description: string | null;
  content: string | null;
  state: string | null;
  stateType: string | null;
  health: string | null;
  progress: number | null;
  leadExternalId: string | null;
  leadName: string | null;
  teamExternalIds: string[];
  startDate: Stamp;
  targetDate: Stamp;
  url: string | null;
  createdAt: Stamp;
  updatedAt: Stamp;
  archivedAt: Stamp;
  completedAt: Stamp;
  canceledAt: Stamp;
  trashed: boolean;
  sanitized: boolean;
};
export function team(raw: Raw): Team {
  const { value } = clean(raw);
  return {
    externalId: id(value.id, "team.id"),
    key: text(value.key),
    name: required(value.name, "team.name"),
    updatedAt: instant(value.updatedAt),
    archivedAt: instant(value.archivedAt),
  };
}

export function user(raw: Raw): User {
  const { value } = clean(raw);
  return {
    externalId: id(value.id, "user.id"),
    name: text(value.name),
    displayName: text(value.displayName),
    email: text(value.email),
    active: value.active !== false,
    guest: flag(value.guest),
    updatedAt: instant(value.updatedAt),
  };
}

export function state(raw: Raw): State {
  const { value } = clean(raw);
  return {
    externalId: id(value.id, "state.id"),
    teamExternalId: optional(object(value.team).id),
    name: required(value.name, "state.name"),
    type: text(value.type),
    position: number(value.position),
    updatedAt: instant(value.updatedAt),
  };
}

export function cycle(raw: Raw): Cycle {
  const { value } = clean(raw);
  return {
    externalId: id(value.id, "cycle.id"),
    teamExternalId: optional(object(value.team).id),
    number: whole(value.number),
    name: text(value.name),
    startsAt: instant(value.startsAt),
    endsAt: instant(value.endsAt),
    completedAt: instant(value.completedAt),
    progress: number(value.progress),
    createdAt: instant(value.createdAt),
    updatedAt: instant(value.updatedAt),
  };
}

export function project(raw: Raw): Project {
  const { value, sanitized } = clean(raw);
  const status = object(value.status);
  const lead = object(value.lead);
  return {
    externalId: id(value.id, "project.id"),
    slugId: text(value.slugId),
    name: required(value.name, "project.name"),
    description: text(value.description),
    content: text(value.content),
    state: text(status.name),
    stateType: text(status.type),
    health: text(value.health),
    progress: number(value.progress),
    leadExternalId: optional(lead.id),
    leadName: text(lead.name),
    teamExternalIds: nodes(value.teams)
      .flatMap((one) => optional(object(one).id) ?? [])
      .toSorted(),
    startDate: date(value.startDate),
    targetDate: date(value.targetDate),
    url: text(value.url),
    createdAt: instant(value.createdAt),
    updatedAt: instant(value.updatedAt),
    archivedAt: instant(value.archivedAt),
    completedAt: instant(value.completedAt),
    canceledAt: instant(value.canceledAt),
    trashed: flag(value.trashed),
    sanitized,
  };
}
