import { describe, expect, test } from "vitest";
import * as People from "#test/simulators/chatwoot/people.ts";
import { INCOMING, OUTGOING } from "#test/simulators/chatwoot/rows.ts";
import { type Options, simulated } from "#test/simulators/chatwoot/server.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";

type Row = Record<string, unknown> & { id: number; created_at: number };
type Page = { data: { meta: Record<string, number>; payload: Row[] } };
type Messages = { meta: Record<string, unknown>; payload: (Row & { content: string | null })[] };
const NOW = new Date("2026-03-10T12:00:00Z");
const at = NOW.getTime() / 1_000;

function account(options: Options = {}) {
  const sim = simulated({ size: "empty", now: () => NOW, ...options });
  const { store, tokens } = sim.world;
  const get = async <T>(path: string, role: "admin" | "agent" | "bot" = "admin"): Promise<T> => {
    const response = await sim.app.request(`/api/v1/accounts/1/${path}`, { headers: { api_access_token: tokens[role] } });
    expect(response.status, path).toBe(200);
    return (await response.json()) as T;
  };
  const send = (method: string, path: string, body?: unknown, role: "admin" | "agent" | "bot" = "admin") =>
    sim.app.request(`/api/v1/accounts/1/${path}`, {
      method,
      headers: { api_access_token: tokens[role], "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const contact = People.createContact(store, { name: "Dana", email: "dana@client.example" });
  const talk = (given: Partial<Verbs.NewConversation> = {}) =>
    Verbs.createConversation(store, { inboxId: 1, contactId: contact.id, ...given });
  const say = (conversationId: number, content: string, createdAt = at) => Verbs.addMessage(store, { conversationId, content, createdAt });
  return { ...sim, store, get, send, contact, talk, say };
}

const ids = (rows: readonly Row[]) => rows.map((row) => row.id);

describe("conversations", () => {
  test("are only the open ones unless a status is asked for, and the counts are of that set", async () => {
    const { get, talk } = account();
    for (const status of ["open", "resolved", "pending", "snoozed"]) talk({ status });
    const some = await get<Page>("conversations");
    expect(some.data.payload.map((row) => row.status)).toEqual(["open"]);
    expect(some.data.meta).toEqual({ mine_count: 0, assigned_count: 0, unassigned_count: 1, all_count: 1 });
    expect((await get<Page>("conversations?status=all")).data.meta.all_count).toBe(4);
  });

  test("come in pages of the server's own size, and per_page changes nothing but the log", async () => {
    const { get, talk, world } = account({ pageSize: 10 });
    for (let n = 0; n < 23; n++) talk({ createdAt: at + n });
    const sizes = [];
    for (const page of [1, 2, 3, 4]) sizes.push((await get<Page>(`conversations?status=all&per_page=50&page=${page}`)).data.payload.length);
    expect(sizes).toEqual([10, 10, 3, 0]);
    expect(world.log.entries.map((entry) => entry.verdict)).toEqual(Array.from({ length: 4 }, () => "unknown-param"));
  });

  test("sort as asked; an unknown key falls back to the last activity, silently", async () => {
    const { get, talk, say, world } = account();
    const [first, second, third] = [talk({ createdAt: at - 300 }), talk({ createdAt: at - 200 }), talk({ createdAt: at - 100 })];
    say(first.id, "newest", at);
    expect(ids((await get<Page>("conversations?sort_by=created_at_asc")).data.payload)).toEqual([first.id, second.id, third.id]);
    expect(ids((await get<Page>("conversations?sort_by=last_activity_at")).data.payload)).toEqual([first.id, third.id, second.id]);
    expect(world.log.entries.map((entry) => entry.verdict)).toEqual(["ok", "unknown-param"]);
  });

  test("carry their last message as broadcast, epoch seconds, and updated_at with a fraction", async () => {
    const { get, talk, say, store } = account({ now: () => new Date(NOW.getTime() + 250) });
    const { id } = talk();
    const message = say(id, "hello");
    Verbs.addMessage(store, { conversationId: id, content: "Assigned", type: 2, from: null });
    const row = (await get<Page>("conversations")).data.payload[0] as Row;
    expect(row.updated_at).toBe(at + 0.25);
    expect(row.last_activity_at).toBe(at);
    expect((row.messages as Row[])[0]).toMatchObject({ message_type: 2, sender_type: null, account_id: 1, conversation_id: id });
    expect(row.last_non_activity_message).toMatchObject({ id: message.id, sender_type: "Contact", sender: { type: "contact" } });
    expect(row.meta).not.toHaveProperty("assignee");
  });

  test("updated_within gives everything at once", async () => {
    const { get, talk } = account({ pageSize: 2 });
    for (let n = 0; n < 5; n++) talk({ createdAt: at - n * 100 });
    expect((await get<Page>("conversations?updated_within=350")).data.payload).toHaveLength(4);
  });
});

describe("messages", () => {
  test("are the latest 20, the 20 before an id, the 100 after one, or up to 1000 between two", async () => {
    const { get, talk, say } = account();
    const { id } = talk();
    for (let n = 1; n <= 1_300; n++) say(id, `message ${n}`, at - 2_000 + n);
    const read = async (query: string) => ids((await get<Messages>(`conversations/${id}/messages${query}`)).payload);
    expect(await read("")).toEqual(Array.from({ length: 20 }, (_, n) => 1_281 + n));
    expect(await read("?before=100")).toEqual(Array.from({ length: 20 }, (_, n) => 80 + n));
    expect(await read("?after=100")).toEqual(Array.from({ length: 100 }, (_, n) => 101 + n));
    expect(await read("?after=100&before=103")).toEqual([100, 101, 102]);
    expect(await read("?after=0&before=5000")).toHaveLength(1_000);
  });

  test("are cut by time and filtered by id, so reading on after the highest id loses an import", async () => {
    const { get, talk, say, store } = account();
    const { id } = talk();
    for (let n = 0; n < 60; n++) say(id, `live ${n}`, at - 10_000 + n);
    const old = Array.from({ length: 90 }, (_, n) => ({ content: `old ${n}`, createdAt: at - 900_000 + n }));
    Verbs.importOldMessages(store, { conversationId: id, messages: old });
    const after = (await get<Messages>(`conversations/${id}/messages?after=0`)).payload;
    expect(after).toHaveLength(100);
    const highest = Math.max(...ids(after));
    const next = (await get<Messages>(`conversations/${id}/messages?after=${highest}`)).payload;
    expect(next).toHaveLength(0);
    expect(new Set([...ids(after), ...ids(next)]).size).toBe(100);
    expect((await get<Messages>(`conversations/${id}/messages?after=0&before=99999`)).payload).toHaveLength(150);
    const row = await get<Row>(`conversations/${id}`);
    expect(row.last_activity_at).toBe(at - 900_000 + 89);
    expect((row.messages as Row[])[0]?.id).toBe(60);
  });

  test("an edit leaves the conversation's updated_at alone, a new message moves it", async () => {
    let now = NOW;
    const { get, talk, say, store } = account({ now: () => now });
    const { id } = talk();
    const message = say(id, "first");
    now = new Date(NOW.getTime() + 60_000);
    Verbs.editMessage(store, { id: message.id, content: "edited" });
    expect((await get<Row>(`conversations/${id}`)).updated_at).toBe(at);
    expect((await get<Messages>(`conversations/${id}/messages`)).payload[0]?.content).toBe("edited");
    say(id, "second", at - 5);
    expect(await get<Row>(`conversations/${id}`)).toMatchObject({ updated_at: at + 60, last_activity_at: at - 5 });
  });

  test("a deleted one stays as an empty shell; a deleted conversation is gone", async () => {
    const { get, talk, store, send } = account();
    const { id } = talk();
    const file = { fileType: "image", fileName: "a.png", fileSize: 10 };
    const message = Verbs.addMessage(store, { conversationId: id, content: "secret", attachments: [file] });
    expect((await get<Messages>(`conversations/${id}/messages`)).payload[0]).toHaveProperty("attachments");
    expect((await send("DELETE", `conversations/${id}/messages/${message.id}`)).status).toBe(200);
    const left = (await get<Messages>(`conversations/${id}/messages`)).payload[0];
    expect(left).toMatchObject({ id: message.id, content: "This message was deleted", content_attributes: { deleted: true } });
    expect(left).not.toHaveProperty("attachments");
    expect((await send("DELETE", `conversations/${id}`)).status).toBe(200);
    const gone = await send("GET", `conversations/${id}`);
    expect([gone.status, await gone.json()]).toEqual([404, { error: "Resource could not be found" }]);
  });

  test("a status change adds an activity message, and an incoming one reopens", async () => {
    const { get, talk, say, store } = account();
    const { id } = talk();
    say(id, "hi");
    Verbs.setStatus(store, { id, status: "resolved", by: 1 });
    const { payload } = await get<Messages>(`conversations/${id}/messages`);
    expect(payload.at(-1)).toMatchObject({ message_type: 2, content: "Conversation was marked resolved by Vera Admin" });
    expect(payload.at(-1)).not.toHaveProperty("sender");
    say(id, "again");
    expect(await get<Row>(`conversations/${id}`)).toMatchObject({ status: "open" });
  });

  test("can be sent, as the token's owner", async () => {
    const { talk, send, store } = account();
    const { id } = talk();
    const made = await send("POST", `conversations/${id}/messages`, { content: "from the product", private: true }, "bot");
    expect(await made.json()).toMatchObject({
      content: "from the product",
      private: true,
      message_type: OUTGOING,
      sender: { type: "agent_bot" },
    });
    expect(Store.conversation(store, id).messages).toHaveLength(1);
  });
});

describe("contacts", () => {
  test("leave anonymous visitors out, who are found in meta.sender alone", async () => {
    const { get, talk, store } = account();
    const visitor = People.createContact(store, { name: "quiet-otter" });
    talk({ contactId: visitor.id });
    const list = await get<{ meta: Row; payload: Row[] }>("contacts");
    expect(list.payload.map((row) => row.name)).toEqual(["Dana"]);
    expect(list.meta).toEqual({ count: 1, current_page: 1 });
    const [row] = (await get<Page>("conversations")).data.payload;
    expect(row?.meta).toMatchObject({ sender: { id: visitor.id, name: "quiet-otter", email: null } });
  });

  test("are 15 a page, in no order unless sorted: a write between two pages moves rows", async () => {
    const { get, store } = account();
    for (let n = 0; n < 39; n++) People.createContact(store, { name: `Name ${String(n).padStart(2, "0")}`, email: `n${n}@x.example` });
    const read = async (page: number, query = "") => ids((await get<{ payload: Row[] }>(`contacts?page=${page}${query}`)).payload);
    expect([...(await read(1)), ...(await read(2)), ...(await read(3))].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
    const first = await read(1);
    People.editContact(store, { id: 40, name: "Renamed" });
    expect(await read(1)).not.toEqual(first);
    const byName = await read(1, "&sort=name");
    expect(byName).toEqual([1, ...Array.from({ length: 14 }, (_, n) => n + 2)]);
    expect(await read(1, "&sort=-last_activity_at")).toHaveLength(15);
  });

  test("a merge leaves no trace but the sender of the conversations", async () => {
    const { get, talk, say, store, send, contact } = account();
    const twin = People.createContact(store, { name: "Dana again", phoneNumber: "+100" });
    const { id } = talk({ contactId: twin.id });
    say(id, "hello");
    expect((await get<Messages>(`conversations/${id}/messages`)).payload[0]?.sender).toMatchObject({ id: twin.id });
    People.mergeContacts(store, { baseId: contact.id, mergeeId: twin.id });
    expect((await send("GET", `contacts/${twin.id}`)).status).toBe(404);
    expect((await get<Messages>(`conversations/${id}/messages`)).payload[0]).toMatchObject({
      message_type: INCOMING,
      sender: { id: contact.id, phone_number: "+100" },
    });
  });
});

describe("tokens", () => {
  test("without one, with a wrong one, a bot's and another account's", async () => {
    const { app, send, talk } = account();
    const { id } = talk();
    const bare = await app.request("/api/v1/accounts/1/conversations");
    expect([bare.status, await bare.json()]).toEqual([401, { errors: ["You need to sign in or sign up before continuing."] }]);
    const wrong = await app.request("/api/v1/accounts/1/conversations", {
      headers: { api_access_token: "no", authorization: "Bearer sim-admin-token" },
    });
    expect([wrong.status, await wrong.json()]).toEqual([401, { error: "Invalid Access Token" }]);
    expect((await send("GET", "conversations", undefined, "bot")).status).toBe(401);
    expect((await send("GET", `conversations/${id}`, undefined, "bot")).status).toBe(200);
    expect((await app.request("/api/v1/accounts/2/conversations", { headers: { api_access_token: "sim-admin-token" } })).status).toBe(404);
  });

  test("an agent sees its inboxes only, and no webhooks", async () => {
    const { get, send, talk, store } = account();
    const other = People.addInbox(store, { name: "Second" });
    const [mine, hidden] = [talk(), talk({ inboxId: other.id })];
    expect(ids((await get<Page>("conversations?status=all", "agent")).data.payload)).toEqual([mine.id]);
    expect((await get<Page>("conversations?status=all")).data.meta.all_count).toBe(2);
    expect((await send("GET", `conversations/${hidden.id}/messages`, undefined, "agent")).status).toBe(401);
    expect((await get<{ payload: Row[] }>("inboxes", "agent")).payload).toHaveLength(1);
    expect((await send("GET", "webhooks", undefined, "agent")).status).toBe(401);
  });
});
