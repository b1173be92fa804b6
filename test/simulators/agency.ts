import { startAttio } from "#test/simulators/attio/server.ts";
import { CLIENTS, type Client } from "#test/simulators/cast.ts";
import { startChatwoot } from "#test/simulators/chatwoot/server.ts";
import { startLinear } from "#test/simulators/linear/server.ts";

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
  return { chatwoot, linear, attio, sources, clients: CLIENTS.map((client) => ({ client, parts: parts(client) })) };
}
