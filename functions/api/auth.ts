import * as z from "zod";
import { KEY_SCOPES, ROLES } from "#core/actor.ts";
import { api } from "#core/api/api.ts";
import { clearCookie, setCookie } from "#core/api/authenticate.ts";
import { reply, route } from "#core/api/route.ts";
import * as Login from "#core/platform/login.ts";
import { onHttp } from "#functions/door.ts";

const SignedIn = z.object({ userId: z.uuid(), username: z.string(), role: z.enum(ROLES), csrfToken: z.string(), expiresAt: z.date() });
const Me = z.object({
  kind: z.enum(["user", "api_key"]),
  id: z.uuid(),
  name: z.string(),
  role: z.enum(ROLES).nullable(),
  scopes: z.array(z.enum(KEY_SCOPES)).nullable(),
  accountScopeId: z.uuid(),
  activeProjectId: z.uuid().nullable(),
  csrfToken: z.string().nullable(),
  lastSeenAt: z.date().nullable(),
  expiresAt: z.date().nullable(),
});

export const app = api("auth", {
  auth_login: route({ body: Login.Credentials, answer: SignedIn }, async ({ actor, body, address, secure }) => {
    const { id, session, user } = await Login.signIn(actor, body, address);
    const { csrfToken, expiresAt } = session;
    const told = { userId: user.id, username: user.username, role: user.role, csrfToken, expiresAt };
    return reply(told, { headers: { "set-cookie": setCookie(id, secure) } });
  }),
  auth_logout: route({}, async ({ actor, session, secure }) => {
    // A key has no session to end.
    if (session && actor.kind === "user") await Login.signOut(actor, session);
    return reply({}, { headers: { "set-cookie": clearCookie(secure) } });
  }),
  auth_me: route({ answer: Me }, async ({ actor, session }) => {
    const { id, accountScopeId, kind } = actor;
    const who =
      kind === "user"
        ? { name: actor.username, role: actor.role, scopes: null }
        : { name: actor.name, role: null, scopes: [...actor.scopes] };
    const { activeProjectId = null, csrfToken = null, lastSeenAt = null, expiresAt = null } = session ?? {};
    return { kind, id, accountScopeId, ...who, activeProjectId, csrfToken, lastSeenAt, expiresAt };
  }),
});
export const handler = onHttp(app);
