/** Who is acting, and in which request when it is one. Every run, event and audit row names one. */
export type Actor = User | ApiKey | { kind: "job"; job: string } | Nobody;
export type User = { kind: "user"; id: string; username: string; role: Role; accountScopeId: string; requestId?: string };
export type ApiKey = {
  kind: "api_key";
  id: string;
  name: string;
  scopes: readonly KeyScope[];
  projects: readonly string[];
  accountScopeId: string;
  requestId?: string;
};
export type Nobody = { kind: "nobody"; requestId?: string };
/** Who has signed in, as a person or with a key. */
export type Caller = User | ApiKey;

export const ROLES = ["viewer", "pm", "owner"] as const;
export type Role = (typeof ROLES)[number];
export const KEY_SCOPES = ["read", "write", "admin"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** The name written beside an act: a username, `key:NAME` or `job:NAME`. */
export function label(actor: Actor): string {
  switch (actor.kind) {
    case "user":
      return actor.username;
    case "api_key":
      return `key:${actor.name}`;
    case "job":
      return `job:${actor.job}`;
    case "nobody":
      return "nobody";
  }
}
