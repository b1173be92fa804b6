import { type Actor, type ApiKey, type KeyScope, ROLES, type User } from "#core/actor.ts";
import type { Operation } from "#core/api/operation.ts";
import { Refused } from "#core/error.ts";

/** Throws unless the actor may call the operation at all. Which project they may call it on is decided after. */
export function authorise(actor: Actor, operation: Operation): void {
  if (operation.who === "nobody") return;
  if (actor.kind === "user") authorisePerson(actor, operation);
  else if (actor.kind === "api_key") authoriseKey(actor, operation);
  else throw new Refused("unauthenticated");
}

function authorisePerson({ role }: User, { who }: Operation): void {
  if (who !== "nobody" && ROLES.indexOf(role) < ROLES.indexOf(who)) throw new Refused("forbidden", { needed: who });
}

function authoriseKey({ scopes }: ApiKey, { who, reach, method, question, peopleOnly }: Operation): void {
  if (peopleOnly || reach === "studio") throw new Refused("people_only");
  if (scopes.includes("admin")) return;
  const needed: KeyScope = who === "owner" ? "admin" : method === "GET" || question ? "read" : "write";
  if (!scopes.includes(needed)) throw new Refused("scope_insufficient", { needed });
}
