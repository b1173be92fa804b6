import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureFirstOwner } from "#core/platform/first-owner.ts";
import { app, handler } from "#functions/api/auth.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers } from "#test/people.ts";

let database: TestDatabase;
const credentials = { username: "owner", password: "a long password" };
beforeAll(async () => {
  database = await freshDatabase();
  await ensureFirstOwner({ password: credentials.password });
});
afterAll(() => database.close());

const login = (headers: Headers = {}, body: unknown = credentials) => call(app, "POST", "/auth/login", headers, body);

test("signing in answers a token and a cookie that scripts cannot read; by https it stays there", async () => {
  const plain = await login();
  expect(plain.body).toMatchObject({ ok: true, username: "owner", role: "owner", csrf_token: expect.stringMatching(/^[\w-]{43}$/) });
  expect(plain.headers.get("set-cookie")).toMatch(/^sid=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/);
  expect((await login({ "x-forwarded-proto": "https" })).headers.get("set-cookie")).toMatch(/; Secure$/);
});

test("from signing in to signing out", async () => {
  const { body, headers } = await login();
  const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
  const me = await call(app, "GET", "/auth/me", { cookie: `other=1; ${cookie}` });
  expect(me.body).toMatchObject({ kind: "user", name: "owner", role: "owner", csrf_token: body.csrf_token, active_project_id: null });
  expect((await call(app, "POST", "/auth/logout", { cookie })).body.error).toBe("csrf_invalid");
  const out = await call(app, "POST", "/auth/logout", { cookie, "x-csrf-token": body.csrf_token });
  expect([out.status, out.headers.get("set-cookie")]).toEqual([200, "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]);
  expect((await call(app, "GET", "/auth/me", { cookie })).status).toBe(401);
});

test("what is no pair of name and password is refused before anything is looked up", async () => {
  for (const body of [{}, { username: "owner" }, { username: ["owner"], password: { a: 1 } }, [], "null", { ...credentials, more: 1 }]) {
    expect((await login({}, body)).status, JSON.stringify(body)).toBe(400);
  }
});

test("behind the gateway the address is the gateway's word, and the cookie leaves as one", async () => {
  const event = {
    version: "2.0",
    routeKey: "POST /auth/login",
    rawPath: "/auth/login",
    rawQueryString: "",
    headers: { "content-type": "application/json", host: "api.example", "x-forwarded-for": "1.1.1.1", "x-forwarded-proto": "https" },
    requestContext: { http: { method: "POST", path: "/auth/login", sourceIp: "198.51.100.77" }, domainName: "api.example" },
    body: JSON.stringify({ ...credentials, password: "wrong password" }),
    isBase64Encoded: false,
  };
  const send = (body: object) =>
    handler({ ...event, body: JSON.stringify(body) } as never) as Promise<{ statusCode: number; body: string; cookies?: string[] }>;
  const good = await send(credentials);
  expect([good.statusCode, good.cookies?.length, good.cookies?.[0]?.endsWith("; Secure")]).toEqual([200, 1, true]);
  const statuses: number[] = [];
  for (let n = 0; n < 11; n++) statuses.push((await send({ ...credentials, password: "wrong password" })).statusCode);
  expect(statuses).toEqual([...Array(10).fill(401), 429]);
  // The same name from where the header pointed is not held back.
  expect((await login({ "x-forwarded-for": "198.51.100.77" })).status).toBe(200);
});

test("held back, the caller learns until when", async () => {
  for (let n = 0; n < 10; n++) await login({}, { ...credentials, password: "wrong password" });
  const { status, body, headers } = await login();
  expect([status, body.error]).toEqual([429, "login_rate_limited"]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(800);
});
