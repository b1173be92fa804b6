import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killAll, type Product, start } from "#test/product.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellwether-start-"));
});
afterAll(async () => {
  killAll();
  await rm(folder, { recursive: true, force: true });
});

const LISTS = { conversations: "/conversations", events: "/kag/events" };

/** What a newcomer finds in each project: the length of the first page of each list. */
async function found(product: Product, password: string): Promise<Record<string, Record<string, number>>> {
  const url = (await product.line(/^Bellwether is at/)).split(" ")[3] ?? "";
  const login = await fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "owner", password }),
  });
  expect(login.status).toBe(200);
  const cookie = login.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const get = async <T>(path: string) => (await (await fetch(url + path, { headers: { cookie } })).json()) as T;
  const { projects } = await get<{ projects: { id: string; name: string }[] }>("/projects");
  const counted: Record<string, Record<string, number>> = {};
  for (const { id, name } of projects) {
    const pages = Object.entries(LISTS).map(async ([list, path]) => {
      const page = await get<Record<string, unknown[]>>(`${path}?project_id=${id}&limit=100`);
      return [list, page[list]?.length ?? -1] as const;
    });
    counted[name] = Object.fromEntries(await Promise.all(pages));
  }
  return counted;
}

// A newcomer has no server.
test.skipIf(process.env.TEST_DATABASE_URL)(
  "a newcomer's start reads the demo's three sources, and the next one carries on where it stopped",
  async () => {
    const first = start(undefined, folder, undefined);
    const password = (await first.line(/^sign in as owner with the password/)).split(" ")[7] ?? "";
    expect(await first.line(/^first cycle done/)).toMatch(/conversations.*messages.*issues.*comments.*deals/);
    const before = await found(first, password);
    expect(Object.keys(before)).toHaveLength(4);
    for (const counts of Object.values(before)) for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
    await first.end("SIGTERM");

    const second = start(undefined, folder, undefined);
    await second.line(/^sign in as owner$/);
    expect(await found(second, password)).toEqual(before);
    await second.end("SIGTERM");
  },
);
