import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import * as Chats from "#core/chats/chats.ts";
import { onHttp } from "#functions/door.ts";

const page = pageBy(z.tuple([instant, z.number().int(), z.uuid()]));
const window = ({ limit, cursor }: { limit: number; cursor?: [Date, number, string] | undefined }): Chats.Window => ({
  limit,
  before: cursor && { at: cursor[0], n: cursor[1], connectionId: cursor[2] },
});

export const app = api("chats", {
  contacts_list: route(
    {
      query: z.object({ q: z.string().trim().min(1).max(200).optional(), ...page }),
      answer: z.object({ contacts: z.array(Chats.Contact), nextCursor }),
    },
    async ({ scope, query }) => {
      const contacts = await Chats.contacts(scope, { ...window(query), q: query.q });
      return { contacts, nextCursor: next(contacts, query.limit, (row) => [row.firstSeenAt, row.contactId, row.connectionId]) };
    },
  ),
  conversations_list: route(
    {
      query: z.object({ status: z.string().max(40).optional(), ...page }),
      answer: z.object({ conversations: z.array(Chats.Conversation), nextCursor }),
    },
    async ({ scope, query }) => {
      const conversations = await Chats.conversations(scope, { ...window(query), status: query.status });
      return {
        conversations,
        nextCursor: next(conversations, query.limit, (row) => [row.createdAt, row.conversationId, row.connectionId]),
      };
    },
  ),
  messages_list: route(
    {
      query: z.object({ conversationId: z.coerce.number().int().positive().optional(), notes: z.stringbool().default(false), ...page }),
      answer: z.object({ messages: z.array(Chats.Message), nextCursor }),
    },
    async ({ scope, query }) => {
      const messages = await Chats.messages(scope, { ...window(query), conversationId: query.conversationId, notes: query.notes });
      return { messages, nextCursor: next(messages, query.limit, (row) => [row.createdAt, row.messageId, row.connectionId]) };
    },
  ),
});
export const handler = onHttp(app);
