import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import * as Clock from "#core/clock.ts";
import * as BindingProposal from "#core/identity/binding-proposal.ts";
import * as Link from "#core/identity/link.ts";
import * as Propose from "#core/identity/propose.ts";
import { suggest } from "#core/identity/suggest.ts";
import * as Suggestion from "#core/identity/suggestion.ts";
import { ReasonInfo } from "#core/jobs/reason.ts";
import { onHttp } from "#functions/door.ts";

const one = z.object({ id: z.uuid() });
const surest = pageBy(z.tuple([z.number(), z.uuid()]));
const after = (cursor: [number, string] | undefined) => cursor && { confidence: cursor[0], id: cursor[1] };
const newest = pageBy(z.tuple([instant, z.uuid()]));
const status = z.enum([...Suggestion.STATUSES, "all"]).default("proposed");
const ASuggestion = z.object({ suggestion: Suggestion.Info });

export const app = api("identity", {
  identity_suggestions_list: route(
    { query: z.object({ status, ...surest }), answer: z.object({ suggestions: z.array(Suggestion.Info), nextCursor }) },
    async ({ scope, query: { status, limit, cursor } }) => {
      const suggestions = await Suggestion.list(scope, { status, limit, after: after(cursor) });
      return { suggestions, nextCursor: next(suggestions, limit, (row) => [row.confidence, row.id]) };
    },
  ),
  identity_suggestions_preview: route({ answer: z.object({ written: z.number(), removed: z.number(), left: z.number() }) }, ({ scope }) =>
    suggest(scope, Clock.now(), { thorough: true }),
  ),
  identity_suggestions_apply: route({ params: one, answer: ASuggestion }, async ({ actor, scope, params }) => ({
    suggestion: await Suggestion.apply(actor, scope, params.id),
  })),
  identity_suggestions_dismiss: route({ params: one, answer: ASuggestion }, async ({ actor, scope, params }) => ({
    suggestion: await Suggestion.dismiss(actor, scope, params.id),
  })),
  identity_links_list: route(
    { query: z.object(newest), answer: z.object({ links: z.array(Link.Info), nextCursor }) },
    async ({ scope, query: { limit, cursor } }) => {
      const links = await Link.list(scope, { limit, before: cursor && { at: cursor[0], id: cursor[1] } });
      return { links, nextCursor: next(links, limit, (row) => [row.createdAt, row.id]) };
    },
  ),
  identity_links_remove: route({ params: one }, async ({ actor, scope, params }) => {
    await Link.unlink(actor, scope, params.id);
    return {};
  }),
  bindings_propose: route({ answer: z.object({ written: z.number(), removed: z.number() }) }, ({ actor }) =>
    Propose.propose(actor, Clock.now()),
  ),
  bindings_proposed: route(
    {
      query: z.object({ status: z.enum([...BindingProposal.STATUSES, "all"]).default("proposed"), ...surest }),
      answer: z.object({ proposals: z.array(BindingProposal.Info), nextCursor }),
    },
    async ({ scope, query: { status, limit, cursor } }) => {
      const proposals = await BindingProposal.list(scope, { status, limit, after: after(cursor) });
      return { proposals, nextCursor: next(proposals, limit, (row) => [row.confidence, row.id]) };
    },
  ),
  bindings_accept: route(
    {
      params: one,
      body: z.strictObject({ projectId: z.uuid() }),
      answer: z.object({ proposal: BindingProposal.Info, runId: z.uuid().nullable(), reason: ReasonInfo }),
    },
    ({ actor, params, body }) => BindingProposal.accept(actor, params.id, body.projectId),
  ),
  bindings_dismiss: route({ params: one, answer: z.object({ proposal: BindingProposal.Info }) }, async ({ actor, params }) => ({
    proposal: await BindingProposal.dismiss(actor, params.id),
  })),
});
export const handler = onHttp(app);
