import * as z from "zod";
import { api } from "#core/api/api.ts";
import { route } from "#core/api/route.ts";
import * as User from "#core/platform/user.ts";
import { onHttp } from "#functions/door.ts";

const one = z.object({ id: z.uuid() });

export const app = api("users", {
  users_list: route({ answer: z.object({ users: z.array(User.Info) }) }, async ({ actor }) => ({ users: await User.list(actor) })),
  users_create: route({ body: User.Draft, answer: z.object({ user: User.Info }), status: 201 }, async ({ actor, body }) => ({
    user: await User.create(actor, body),
  })),
  users_change: route({ params: one, body: User.Change, answer: z.object({ user: User.Info }) }, async ({ actor, params, body }) => ({
    user: await User.change(actor, params.id, body),
  })),
  users_remove: route({ params: one }, async ({ actor, params }) => {
    await User.remove(actor, params.id);
    return {};
  }),
});
export const handler = onHttp(app);
