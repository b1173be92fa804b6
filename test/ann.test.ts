import { afterAll, beforeAll, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import { budget } from "#core/jobs/budget.ts";
import * as Ann from "#core/memory/ann.ts";
import * as Candidates from "#core/memory/candidates.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { ask, type Library, library, write } from "#test/texts.ts";

const MODEL = "round:384";
const TEXTS = 620;
let database: TestDatabase;
let here: Library;
beforeAll(async () => {
  database = await freshDatabase();
  here = await library(2);
  for (const n of [0, 1]) {
    await write(
      here,
      Array.from({ length: TEXTS }, (_, k) => ({ ref: `cwmsg:test:${n}-${k}`, thread: `${n}-${k}`, text: `text ${k}` })),
      n,
    );
  }
  // Round a circle, each a step from the next: what is near is known.
  await asOwner(
    () => sql`
      insert into rag_vectors (project_id, account_scope_id, model, part, chunk_no, dims, embedding)
      select project_id, account_scope_id, ${MODEL}, 'window', chunk_no, 384,
        (array[cos(split_part(text, ' ', 2)::int * 0.01), sin(split_part(text, ' ', 2)::int * 0.01)] || array_fill(0::float8, array[382]))::vector::halfvec
      from rag_chunks`,
  );
}, 60_000);
afterAll(() => database.close());

const vector = [Math.cos(2), Math.sin(2), ...Array.from({ length: 382 }, () => 0)];
const asked = { model: MODEL, vector };
const within = <T>(n: number, work: (projectId: string) => Promise<T>) => {
  const scope = here.scope(n);
  return transaction(scope, () => work(scope.projects[0] ?? ""));
};
const run = (n: number) => ({
  scope: here.scope(n),
  projectId: here.projects[n] ?? "",
  checkpoint: <T>(scope: Parameters<typeof transaction>[0], work: () => Promise<T>) => transaction(scope, work),
  budget: budget({ seconds: 60, requests: 0 }),
});
const inside = (n: number) =>
  asOwner(async () => {
    const [row] = await sql<{ n: number }[]>`select count(*) as n from rag_vectors where ann and project_id = ${here.projects[n] ?? ""}`;
    return row?.n;
  });
const texts = (n: number, chunkNos: readonly number[] = []) =>
  asOwner(async () => {
    const rows = await sql<{ text: string }[]>`
      select text from rag_chunks where project_id = ${here.projects[n] ?? ""} and chunk_no = any (${chunkNos as number[]}::bigint[]) order by text`;
    return rows.map(({ text }) => text);
  });

test("the vectors of a project that is large enough go into the index, all of them and no other's", async () => {
  expect(await Ann.grow(run(0), MODEL, TEXTS)).toBe(false);
  expect([await inside(0), await inside(1)]).toEqual([0, 0]);
  expect(await Ann.grow(run(0), MODEL, TEXTS - 1)).toBe(false);
  expect([await inside(0), await inside(1)]).toEqual([TEXTS, 0]);
});

test("by the index the same are near as by reading all, of this project alone, what is not in it yet included", async () => {
  const near = ["text 198", "text 199", "text 200", "text 201", "text 202"];
  const walked = () => within(0, (projectId) => Ann.nearest(projectId, asked, 5));
  const read = await within(0, (projectId) => Candidates.nearest(projectId, asked, ask, 5));
  expect(
    await texts(
      0,
      read.map(({ chunkNo }) => chunkNo),
    ),
  ).toEqual(near);
  expect(
    await texts(
      0,
      (await walked())?.map(({ chunkNo }) => chunkNo),
    ),
  ).toEqual(near);
  await asOwner(
    () => sql`
      update rag_vectors v set ann = false from rag_chunks c
      where c.project_id = v.project_id and c.chunk_no = v.chunk_no and v.project_id = ${here.projects[0] ?? ""} and c.text in ('text 199', 'text 202')`,
  );
  expect(
    await texts(
      0,
      (await walked())?.map(({ chunkNo }) => chunkNo),
    ),
  ).toEqual(near);
});

test("a walk that finds too few, and vectors of a size without an index, are left to reading all", async () => {
  expect(await within(1, (projectId) => Ann.nearest(projectId, asked, TEXTS + 1))).toBeUndefined();
  expect(await within(0, (projectId) => Ann.nearest(projectId, { model: MODEL, vector: [1, 0, 0] }, 5))).toBeUndefined();
});
