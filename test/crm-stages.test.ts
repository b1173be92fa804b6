import { afterAll, beforeAll, expect, test } from "vitest";
import * as Stage from "#core/crm/stage.ts";
import { sql } from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

test("a stage is mapped in SQL as it is in code", async () => {
  const said = [
    "Won",
    "won 🎉",
    "Closed Won",
    "closed_lost",
    "CLOSED-WON",
    "proposal sent",
    "Qualified",
    " negotiation ",
    "lead",
    "",
    "не won",
    "Won't do",
    "Customer",
    "churned",
    "İnactive",
    "выиграна",
    "constructor",
  ];
  const rows = await asOwner(
    () => sql<{ account: string; deal: string }[]>`
      select coalesce(${Stage.ACCOUNT_MAP as never}::jsonb ->> stage_key(s), 'prospect') as account, coalesce(${Stage.DEAL_MAP as never}::jsonb ->> stage_key(s), 'discovery') as deal
      from unnest(${said}::text[]) with ordinality as u (s, n) order by n`,
  );
  expect(rows.map((row) => ({ ...row }))).toEqual(
    said.map((stage) => ({ account: Stage.accountStage(stage), deal: Stage.dealStage(stage) })),
  );
  expect(said.slice(0, 4).map(Stage.dealStage)).toEqual(["won", "won", "won", "lost"]);
  expect([Stage.dealStage(null), Stage.accountStage("Customer"), Stage.dealStage("constructor"), Stage.dealStage("не won")]).toEqual([
    "discovery",
    "active",
    "discovery",
    "discovery",
  ]);
});
