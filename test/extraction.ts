import { beforeEach } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import * as Graph from "#core/memory/graph.ts";
import * as Read from "#core/memory/graph-read.ts";
import { asOwner } from "#test/database.ts";
import { models, openai, studioOf } from "#test/embedding.ts";
import type { Asked, Said } from "#test/simulators/openai/app.ts";
import type { World } from "#test/world.ts";

export const JOB = "memory_extract";
export let w: World;
/** What the model was given to read, a list of lines for each call. */
export let asked: { n: number; side: string; text: string }[][];

/** For a test file in which a scripted model reads what two projects' people say. */
export function extraction(): void {
  models();
  beforeEach(async () => {
    Clock.set(new Date("2026-03-10T10:00:00Z"), 0);
    w = await studioOf(2);
    asked = [];
    openai.world.answer = answer();
  });
}

export type Given = { kind: string; topic?: string; what?: string; due?: string | null; quote: string; side?: string };
export const PROMISE: Given = { kind: "promise", what: "Sends the texts.", due: "2026-03-06", quote: "I will send the texts by Friday" };

/** A model that says these facts of whichever message holds their quote. */
export function answer(facts: readonly Given[] = []) {
  return ({ messages }: Asked): Said => {
    const lines = JSON.parse(messages.at(-1)?.content ?? "[]") as { n: number; side: string; text: string }[];
    asked.push(lines);
    const found = facts.flatMap((fact) => {
      const line = lines.find(({ text }) => text.includes(fact.quote)) ?? lines[0];
      return line && (line.text.includes(fact.quote) || fact.side)
        ? [{ message: line.n, side: line.side, topic: "the thing", what: `${fact.quote}.`, due: null, ...fact }]
        : [];
    });
    return JSON.stringify({ facts: found });
  };
}

export type Line = { id: number; text: string; by?: "client" | "team"; private?: boolean };

/** Messages of one conversation, with the contact who wrote them, as a sync writes them. */
export async function write(lines: readonly Line[], thread = 1, n = 0): Promise<void> {
  const projectId = w.projects[n] ?? "";
  const rows = lines.map((line) => ({
    by: "client",
    private: false,
    ...line,
    at: new Date(Date.UTC(2026, 2, 1, 10, line.id)).toISOString(),
  }));
  await asOwner(async () => {
    await sql`
      insert into cw_contacts (project_id, connection_id, contact_id, name, first_seen_at, changed_at)
      values (${projectId}, ${w.connectionId}, 1, 'Ольга Летова', now(), now()) on conflict do nothing`;
    await sql`
      insert into cw_conversations (project_id, connection_id, conversation_id, contact_id, status, created_at, first_seen_at, changed_at)
      values (${projectId}, ${w.connectionId}, ${thread}, 1, 'open', '2026-03-01', now(), now()) on conflict do nothing`;
    await sql`
      insert into cw_messages (project_id, connection_id, message_id, conversation_id, message_type, private, content, sender_type, sender_id, sender_name, created_at, first_seen_at)
      select ${projectId}, ${w.connectionId}, id, ${thread}, case by when 'client' then 'incoming' else 'outgoing' end, private, text,
        case by when 'client' then 'contact' else 'user' end, case by when 'client' then 1 else 9 end, null, at, at
      from jsonb_to_recordset(${rows as never}::jsonb) as r (id int, text text, by text, private boolean, at timestamptz)`;
  });
}

/** The same, with the graph told of it. */
export async function say(lines: readonly Line[], thread = 1, n = 0): Promise<void> {
  await write(lines, thread, n);
  await index(n);
}

export const index = (n = 0) => Graph.refresh(w.scope(n), Clock.now());
export const erase = (id: number) => asOwner(() => sql`update cw_messages set deleted_at = now(), content = null where message_id = ${id}`);
export const run = () => w.run(JOB, 0, "manual");

/** What models found, as it is read. */
export async function facts(n = 0): Promise<Read.Fact[]> {
  const rows = await transaction(w.scope(n), () => sql<{ id: string }[]>`select id from kag_nodes`);
  const found = await Read.factsOf(
    w.scope(n),
    rows.map(({ id }) => id),
  );
  return found.filter((fact) => fact.extractor === "model");
}
export const told = async () =>
  (await facts()).map(
    (fact) =>
      `${fact.from.title} ${fact.relationType} ${fact.to?.title ?? fact.value}${fact.validTo ? ` until ${fact.validTo.getUTCMinutes()}` : ""}`,
  );
