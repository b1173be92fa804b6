import { expect, test } from "vitest";
import * as People from "#test/simulators/chatwoot/people.ts";
import { simulated } from "#test/simulators/chatwoot/server.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";

type Row = { id: number };

test("the filter has no implied status and an answer of its own shape; a bad clause is 422", async () => {
  const { app, world } = simulated({ size: "empty" });
  const { id } = People.createContact(world.store, { name: "Dana" });
  const talk = (given: object) => Verbs.createConversation(world.store, { inboxId: 1, contactId: id, ...given });
  const headers = { api_access_token: "sim-admin-token" };
  const ask = (payload: unknown[]) =>
    app.request("/api/v1/accounts/1/conversations/filter", { method: "POST", headers, body: JSON.stringify({ payload }) });
  talk({ status: "resolved", labels: ["vip"] });
  talk({ status: "open", labels: ["vip"] });
  talk({ status: "open" });
  const clause = (attribute_key: string, filter_operator: string, values: unknown[], query_operator: string | null = null) => ({
    attribute_key,
    filter_operator,
    values,
    query_operator,
  });
  const vip = await ask([clause("labels", "equal_to", ["vip"])]);
  expect(((await vip.json()) as { payload: Row[] }).payload).toHaveLength(2);
  const both = await ask([clause("labels", "equal_to", ["vip"], "AND"), clause("status", "equal_to", ["open"])]);
  expect(((await both.json()) as { payload: Row[] }).payload).toHaveLength(1);
  expect((await ask([clause("updated_at", "is_greater_than", ["2026-01-01"])])).status).toBe(422);
  expect((await ask([clause("created_at", "is_greater_than", ["2026-01-01T10:00:00Z"])])).status).toBe(422);
});
