import { afterAll, beforeAll } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import * as Graph from "#core/memory/graph.ts";
import * as Words from "#core/memory/words.ts";
import { app } from "#functions/api/lightrag.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Answered, call, type Headers, key, person } from "#test/people.ts";
import { type Raw, raw } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
export let here: Studio;
export let chat: Raw;
export let reader: Headers;
export let other: Headers;
export let writer: Headers;

type Said = { id: number; text: string; at?: string; private?: boolean; by?: string; out?: boolean };
const message = ({ id, text, at = "2026-03-10T10:00:00Z", private: hidden = false, by = "Ольга Петрова", out = false }: Said) => ({
  message_id: id,
  conversation_id: 1,
  content: text,
  message_type: out ? "outgoing" : "incoming",
  private: hidden,
  sender_type: out ? "user" : "contact",
  sender_id: out ? 7 : 1,
  sender_name: by,
  created_at: new Date(at),
});

/** Two projects of a studio in Almaty, the first with a talk of a client with the team, a task, and keys to ask with: for all tests of a file. */
export function talk(): void {
  beforeAll(async () => {
    database = await freshDatabase();
    here = await studio(2, { timeZone: "Asia/Almaty" });
    chat = await raw(here, 0, "chatwoot");
    const tasks = await raw(here, 0, "linear");
    await chat.put("cw_contacts", [{ contact_id: 1, name: "Ольга Петрова" }]);
    await chat.put("cw_conversations", [
      { conversation_id: 1, contact_id: 1, status: "open", created_at: new Date("2026-03-01T00:00:00Z") },
    ]);
    await say(
      { id: 1, text: "Добрый день! Логотип утверждаем, но синий сделайте темнее." },
      { id: 2, text: "Макет главной страницы пришлём в пятницу, 13 марта.", out: true, by: "Анна Ким" },
      { id: 3, text: "Договор подписан, счёт оплатим до конца недели." },
      {
        id: 4,
        text: "The client is angry about the delayed invoice, give a discount of 15 percent.",
        out: true,
        by: "Boris Lee",
        private: true,
      },
      { id: 5, text: "Could you send the invoice again? The bank details changed.", at: "2026-03-11T18:59:59Z" },
      { id: 6, text: "Отчёт по рекламе за февраль будет готов завтра.", at: "2026-03-11T19:00:00Z", out: true, by: "Анна Ким" },
      ...Array.from({ length: 20 }, (_, n) => ({
        id: 100 + n,
        text: `Правка номер ${n}: поменяйте баннер в разделе ${"абвгдежзик"[n % 10]}.`,
        at: "2026-03-20T10:00:00Z",
      })),
    );
    await tasks.put("linear_issues_raw", [
      {
        external_id: "i1",
        identifier: "WEB-12",
        title: "Fix the invoice template",
        description: "The VAT line is missing on the second page.",
        url: "https://linear.app/acme/issue/WEB-12",
      },
    ]);
    await index();
    const owner = await person(here, "owner");
    reader = await key(owner, ["read"], [here.projects[0] ?? ""]);
    other = await key(owner, ["read", "write"], [here.projects[0] ?? ""]);
    writer = await key(owner, ["read", "write"], [here.projects[0] ?? ""]);
  });
  afterAll(() => database.close());
}

/** Messages as the connector would write them. */
export async function say(...said: Said[]): Promise<void> {
  const whole = said.map((one) => ({
    ...message(one),
    project_id: here.projects[0],
    account_scope_id: here.accountScopeId,
    connection_id: chat.connectionId,
    first_seen_at: new Date(),
  }));
  await asOwner(() => sql`insert into cw_messages ${sql(whole as unknown as Record<string, string>[])}`);
}

/** What `memory_index` does of it. */
export async function index(): Promise<void> {
  await transaction(here.scope(0), async () => {
    await Words.index(here.scope(0), Clock.now());
    await Graph.refresh(here.scope(0), Clock.now());
  });
}
export const ask = (body: object, headers = reader, path = "/lightrag/query"): Promise<Answered> => call(app, "POST", path, headers, body);
export const refs = (answered: Answered): string[] => answered.body.chunks.map((chunk: { source_ref: string }) => chunk.source_ref);
export const ref = (id: number) => `cwmsg:${chat.connectionId}:${id}`;
