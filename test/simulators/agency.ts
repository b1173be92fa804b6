import { randomUUID } from "node:crypto";
import { startAttio } from "#test/simulators/attio/server.ts";
import { addWebhook as addAttioWebhook } from "#test/simulators/attio/studio.ts";
import { CLIENTS, type Client } from "#test/simulators/cast.ts";
import { WEBHOOK_EVENTS } from "#test/simulators/chatwoot/behaviour.ts";
import { startChatwoot } from "#test/simulators/chatwoot/server.ts";
import { startLinear } from "#test/simulators/linear/server.ts";
import { addWebhook as addLinearWebhook } from "#test/simulators/linear/studio.ts";

const LINEAR_TYPES = ["Issue", "Comment", "Project", "Cycle", "IssueLabel", "Document"];
const ATTIO_EVENTS = [
  ...["record.created", "record.updated", "record.deleted", "list-entry.created", "list-entry.deleted"],
  ...["note.created", "note.updated", "note-content.updated", "task.created", "task.updated"],
];

export type Options = {
  size: "small" | "large";
  seed?: number;
  filledAt?: Date;
  now?: Date | (() => Date);
  validate?: boolean;
  rateLimit?: number | false;
};
/** Which part of each source is about a client. */
export type Part =
  | { source: "chatwoot"; inboxIds: number[] }
  | { source: "linear"; linearProjectIds: string[] }
  | { source: "attio"; companies: string[] };

/** One agency in all three sources: the same people, and one story. */
export async function startAgency(options: Options) {
  const [chatwoot, linear, attio] = await Promise.all([startChatwoot(options), startLinear(options), startAttio(options)]);
  const sources = [
    {
      source: "chatwoot" as const,
      baseUrl: chatwoot.baseUrl,
      externalAccount: String(chatwoot.accountId),
      apiToken: chatwoot.tokens.admin,
      close: chatwoot.close,
    },
    {
      source: "linear" as const,
      baseUrl: linear.baseUrl,
      externalAccount: linear.organizationId,
      apiToken: linear.tokens.admin,
      close: linear.close,
    },
    {
      source: "attio" as const,
      baseUrl: attio.baseUrl,
      externalAccount: attio.workspaceId,
      apiToken: attio.tokens.full,
      close: attio.close,
    },
  ];
  const parts = (client: Client): Part[] => [
    { source: "chatwoot", inboxIds: [...chatwoot.store.inboxes.values()].filter((one) => one.name === client.inbox).map((one) => one.id) },
    {
      source: "linear",
      linearProjectIds: [...linear.store.projects.values()].filter((one) => one.name === client.project).map((one) => one.id),
    },
    { source: "attio", companies: [client.domain] },
  ];
  /** Has each source tell an address of its own of what happens; answers what each signs with. */
  const subscribe = (urls: Readonly<Record<(typeof sources)[number]["source"], string>>) => {
    const secret = randomUUID();
    chatwoot.store.webhooks.set(1, { id: 1, url: urls.chatwoot, name: "Bellwether", subscriptions: [...WEBHOOK_EVENTS], secret });
    const subscriptions = ATTIO_EVENTS.map((event_type) => ({ event_type, filter: null }));
    return {
      chatwoot: secret,
      linear: addLinearWebhook(linear.store, { url: urls.linear, resourceTypes: LINEAR_TYPES }).secret,
      attio: addAttioWebhook(attio.store, { url: urls.attio, subscriptions }).secret,
    };
  };
  return { chatwoot, linear, attio, sources, subscribe, clients: CLIENTS.map((client) => ({ client, parts: parts(client) })) };
}
