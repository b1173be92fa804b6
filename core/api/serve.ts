import { type Actor, type Caller, label } from "#core/actor.ts";
import { authenticate } from "#core/api/authenticate.ts";
import { authorise } from "#core/api/authorise.ts";
import { parseBody, readBody, readBytes } from "#core/api/body.ts";
import { type Answer, failure, languageOf, success } from "#core/api/envelope.ts";
import type { Operation } from "#core/api/operation.ts";
import { resolve } from "#core/api/resolve.ts";
import { Reply, type Route, type Spec } from "#core/api/route.ts";
import { validate } from "#core/api/validate.ts";
import { snake, toWire } from "#core/api/wire.ts";
import { Refused } from "#core/error.ts";
import { log } from "#core/log.ts";
import * as Idempotency from "#core/platform/idempotency.ts";

export type Incoming = { request: Request; requestId: string; address: string; secure: boolean; params: Record<string, string> };
export type Served = Answer & { actor?: string };
type Standing = { actor: Actor; caller?: Caller; projectId?: string; cookie?: string | undefined; context: Record<string, unknown> };

/** One request, from who calls to what is answered. Throws what refuses it. */
export async function serve(operation: Operation, { spec, handle }: Route, incoming: Incoming): Promise<Served> {
  const { request, requestId, address, secure } = incoming;
  const url = new URL(request.url);
  const standing = await admit(operation, incoming, url);
  const raw = spec.raw === undefined ? {} : { body: await readBytes(request, spec.raw) };
  const text = operation.method === "GET" || "body" in raw ? "" : await readBody(request);
  const { project_id: _, ...query } = Object.fromEntries(url.searchParams);
  const valid = validate(spec, { params: incoming.params, query, body: spec.body ? parseBody(text) : {} });
  const context = { ...valid, ...raw, ...standing.context, requestId, address, secure, headers: request.headers };
  const work = async (): Promise<Worked> => answerWith(spec, await handle(context as never), requestId);
  const asked = idempotent(operation, standing, request, url, text);
  const answer = asked ? await onceOnly(asked, work, incoming) : (await work()).answer;
  const prolonged: Record<string, string> = standing.cookie ? { "set-cookie": standing.cookie } : {};
  return { ...answer, headers: { ...prolonged, ...answer.headers }, actor: label(standing.actor) };
}

/** Who calls and where they stand: signed in, allowed to do this, and in which project. */
async function admit(operation: Operation, { request, requestId, secure, params }: Incoming, url: URL): Promise<Standing> {
  if (operation.who === "nobody") {
    const actor = { kind: "nobody", requestId } as const;
    return { actor, context: { actor } };
  }
  const { actor: known, session, cookie } = await authenticate(request.headers, operation, secure);
  const actor = { ...known, requestId };
  authorise(actor, operation);
  const { accountScopeId } = actor;
  if (operation.reach !== "project") return { actor, caller: actor, cookie, context: { actor, session, scope: { accountScopeId } } };
  const query = url.searchParams.get("project_id") ?? undefined;
  const header = request.headers.get("x-project-id") ?? undefined;
  const projectId = await resolve(operation, actor, session, { path: params.id, query, header });
  const scope = { projects: [projectId], accountScopeId };
  return { actor, caller: actor, projectId, cookie, context: { actor, session, scope, projectId } };
}

/** `kept` is what a replay will be told: the answer without what is shown once. */
type Worked = { answer: Answer; kept: Answer };

function answerWith(spec: Spec, returned: unknown, requestId: string): Worked {
  const { payload, also } = returned instanceof Reply ? returned : new Reply(returned, {});
  const status = also.status ?? spec.status ?? 200;
  const headers = also.headers ?? {};
  if (spec.text !== undefined) {
    const answer = { status, body: String(payload), headers: { "content-type": spec.text, ...headers }, passing: false };
    return { answer, kept: answer };
  }
  const fields = spec.answer ? (toWire(spec.answer, payload) as object) : {};
  const answer = { ...success(status, fields, requestId), headers };
  return { answer, kept: spec.once ? success(status, { ...fields, [snake(spec.once)]: null }, requestId) : answer };
}

function idempotent(
  operation: Operation,
  { caller, projectId }: Standing,
  request: Request,
  url: URL,
  text: string,
): Idempotency.Asked | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null || !caller || operation.method === "GET" || operation.question) return undefined;
  if (key.length < 1 || key.length > 256) throw new Refused("validation_error", { problem: "Idempotency-Key has 1 to 256 characters" });
  const path = projectId ? `${url.pathname}?project_id=${projectId}` : url.pathname;
  const { accountScopeId } = caller;
  const fingerprint = JSON.stringify([url.search, text]);
  return { accountScopeId, projectId, caller: `${caller.kind}:${caller.id}`, method: operation.method, path, key, fingerprint };
}

/** Does the work once per key. What failed on our side, or may pass by itself, is forgotten, so that the same key can try again. */
async function onceOnly(asked: Idempotency.Asked, work: () => Promise<Worked>, { request, requestId }: Incoming): Promise<Answer> {
  const claimed = await Idempotency.claim(asked);
  if ("answered" in claimed) return { ...claimed.answered, headers: { "idempotency-replayed": "true" }, passing: false };
  const language = languageOf(request.headers.get("accept-language"));
  const { answer, kept } = await work().catch((error: unknown): Worked => {
    const refused = failure(error, requestId, language);
    return { answer: refused, kept: refused };
  });
  const { claim } = claimed;
  const settled = answer.passing || answer.status >= 500 ? Idempotency.forget(asked, claim) : Idempotency.keep(asked, claim, kept);
  // The work is done: that it could not be noted does not undo it.
  await settled.catch((error: unknown) => log.error("an idempotent answer was not kept", { requestId, error }));
  return answer;
}
