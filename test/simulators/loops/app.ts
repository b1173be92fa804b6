import { Hono } from "hono";
import { type Call, type Gate, json, pass, unrouted } from "#test/simulators/gate.ts";
import { BEHAVIOUR, OWN_PROPERTIES } from "#test/simulators/loops/behaviour.ts";
import * as Contacts from "#test/simulators/loops/contacts.ts";
import { Refusal } from "#test/simulators/loops/refusal.ts";
import * as Store from "#test/simulators/loops/store.ts";

type Given = Readonly<Record<string, unknown>>;
export type World = {
  store: Store.Store;
  gate: Gate;
  tokens: { key: string };
  revoked: Set<string>;
  /** A bucket of requests that fills by so many a second; undefined: no limit. */
  rateLimit: number | undefined;
  bucket: { left: number; at: number };
};

export function loopsApp(world: World): Hono {
  const { store, gate } = world;
  const app = new Hono();
  const paths = new Set<string>();
  const route = (name: string, work: (given: Given, call: Call) => unknown) => {
    const [method, path] = name.split(" ") as [string, string];
    paths.add(`/api/v1/${path}`);
    app.on(method, `/api/v1/${path}`, (c) =>
      pass(gate, name, c, (call) => answered(() => work(call.body === undefined ? call.query : fields(call.body), call))),
    );
  };
  app.use(async (c, next) => {
    await next();
    c.header("x-ratelimit-limit", String(world.rateLimit ?? BEHAVIOUR.requestsPerSecond));
    c.header("x-ratelimit-remaining", String(Math.floor(world.bucket.left)));
  });

  route("GET api-key", () => ({ success: true, teamName: store.teamName }));
  route("POST contacts/create", (given) => ({ success: true, id: Contacts.createContact(store, given).id }));
  route("PUT contacts/update", (given) => ({ success: true, id: Contacts.updateContact(store, given).id }));
  route("GET contacts/find", (given) => {
    const found = Store.find(store, Contacts.one(given));
    return found ? [Contacts.bodyOf(found)] : [];
  });
  route("POST contacts/delete", (given) => {
    Contacts.deleteContact(store, Contacts.one(given));
    return { success: true, message: "Contact deleted." };
  });
  route("GET contacts/suppression", (given) => {
    const { id, email, userId, suppressed } = Contacts.known(store, given);
    return { contact: { id, email, userId }, isSuppressed: suppressed, removalQuota: quota(Contacts.removalsLeft(store)) };
  });
  route("DELETE contacts/suppression", (given) => {
    return {
      success: true,
      message: "Contact removed from suppression list.",
      removalQuota: quota(Contacts.liftSuppression(store, given)),
    };
  });
  route("GET contacts/properties", (given) => {
    const { list = "all" } = given;
    if (list !== "all" && list !== "custom") throw new Refusal(400, "list must be all or custom.");
    return [...(list === "all" ? OWN_PROPERTIES : []), ...store.properties.values()];
  });
  route("POST contacts/properties", (given) => {
    Contacts.addProperty(store, { name: given.name as string, type: given.type as Store.PropertyType });
    return { success: true };
  });
  route("GET lists", () => [...store.lists.values()]);

  app.notFound((c) => {
    if (paths.has(c.req.path)) return unrouted(gate, c, json(BEHAVIOUR.badMethod, 405));
    return unrouted(gate, c, json({ success: false, message: "Not found." }, 404));
  });
  return app;
}

function answered(work: () => unknown): Response {
  try {
    return json(work());
  } catch (error) {
    if (error instanceof Refusal) return json({ success: false, message: error.message }, error.status);
    throw error;
  }
}

/** Tokens of the simulator's own clock: one a tenth of a second, ten at most. */
export function throttled(world: World): Response | undefined {
  if (world.rateLimit === undefined) return undefined;
  const now = world.gate.now();
  const filled = world.bucket.left + Math.max(0, now - world.bucket.at) * world.rateLimit;
  world.bucket = { left: Math.min(world.rateLimit, filled), at: now };
  if (world.bucket.left < 1) return json(BEHAVIOUR.throttled, 429);
  world.bucket.left -= 1;
  return undefined;
}

const fields = (body: unknown): Given => (typeof body === "object" && body !== null ? (body as Given) : {});
const quota = (remaining: number) => ({ limit: BEHAVIOUR.removals, remaining });
