/** Who is acting. Every run, event and audit row names one. */
export type Actor =
  | { kind: "user"; id: string; username: string; role: Role; accountScopeId: string }
  | { kind: "api_key"; id: string; name: string; scopes: readonly KeyScope[]; projects: readonly string[]; accountScopeId: string }
  | { kind: "job"; job: string }
  | { kind: "nobody" };

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
