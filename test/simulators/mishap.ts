import { connectionOf, misreport } from "#test/simulators/connection.ts";
import type { Fault, Faults } from "#test/simulators/faults.ts";

type Fields = Record<string, unknown>;

/** An answer given in place of the real one, or undefined when the fault works on the real one. */
export async function instead(
  faults: Faults,
  struck: readonly Fault[],
  request: Request,
  now: () => number,
): Promise<Response | undefined> {
  for (const fault of struck) {
    if (fault.kind === "hook" && fault.when !== "after") runHook(faults, fault);
    if (fault.kind === "slow") await pause(fault.ms);
    if (fault.kind === "hang") {
      await pause(fault.ms ?? 600_000, request.signal);
      return new Response(null, { status: 504 });
    }
    if (fault.kind === "status") return refusal(faults, fault, now);
  }
  return undefined;
}

/** The real answer, damaged. `cut` ends the connection under it, where there is one. */
export async function damage(
  faults: Faults,
  struck: readonly Fault[],
  route: string,
  answer: Response,
  cut?: () => void,
): Promise<Response> {
  let response = answer;
  for (const fault of struck) {
    if (fault.kind === "hook" && fault.when === "after") runHook(faults, fault);
    else if (fault.kind === "truncate") {
      const text = await response.text();
      response = same(response, text.slice(0, Math.floor(text.length * (fault.keep ?? 0.5))));
    } else if (fault.kind === "bom") response = same(response, `\ufeff${await response.text()}`);
    else if (fault.kind === "contentType")
      response = new Response(fault.body ?? (await response.text()), {
        status: response.status,
        headers: { "content-type": fault.value ?? "text/html" },
      });
    else if (fault.kind === "drip") response = await drip(response, fault.chunk ?? 16, fault.everyMs ?? 50);
    else if (fault.kind === "reset") response = await reset(response, fault.afterBytes ?? 100, cut);
    else if (fault.kind === "emptyPage" || fault.kind === "shortPage" || fault.kind === "duplicate")
      response = same(response, await rewrite(faults, fault, route, response));
    else if (fault.kind === "graphqlError" || fault.kind === "pageInfo")
      response = same(response, JSON.stringify(misreport(faults, fault, route, JSON.parse(await response.text()))));
    else if (fault.kind === "patch" || fault.kind === "pad") response = same(response, await rewrite(faults, fault, route, response));
  }
  return response;
}

/** Kept only while a fault is armed: "duplicate" repeats the row that ended the page before, "pageInfo" its cursor. */
export async function remember(faults: Faults, route: string, response: Response): Promise<void> {
  if (!faults.armed.some(({ fault }) => fault.kind === "duplicate" || fault.kind === "pageInfo") || response.status !== 200) return;
  const body: unknown = JSON.parse(await response.clone().text());
  faults.lastRow.set(route, rowsOf(body).at(-1));
  faults.lastRow.set(`cursor of ${route}`, connectionOf((body as { data?: unknown } | null)?.data)?.pageInfo?.endCursor);
}

async function rewrite(faults: Faults, fault: Fault, route: string, response: Response): Promise<string> {
  const body: unknown = JSON.parse(await response.text());
  const rows = rowsOf(body);
  if (fault.kind === "emptyPage") rows.length = 0;
  if (fault.kind === "shortPage") rows.length = Math.min(rows.length, fault.keep ?? 1);
  if (fault.kind === "duplicate") {
    const before = faults.lastRow.get(route);
    if (rows[0] !== undefined) rows.push(rows[0]);
    if (before !== undefined) rows.unshift(before);
  }
  if (fault.kind === "patch") {
    const keys = fault.key.split(".");
    const last = keys.pop() as string;
    const row = keys.reduce((at, key) => at?.[key] as Fields | undefined, rows.at(fault.row) as Fields | undefined);
    if (row && fault.remove) delete row[last];
    else if (row) row[last] = fault.value;
  }
  if (fault.kind === "pad") {
    const row = rows.at(fault.row ?? 0) as Fields | undefined;
    if (row) row[fault.key ?? "content"] = "Очень длинный текст. ".repeat(Math.ceil(fault.bytes / 38));
  }
  return JSON.stringify(body);
}

function rowsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  const found = body as { payload?: unknown; data?: { payload?: unknown } } | null;
  const rows = found?.payload ?? found?.data?.payload ?? found?.data;
  return Array.isArray(rows) ? rows : (connectionOf(found?.data)?.nodes ?? []);
}

function refusal(faults: Faults, fault: Extract<Fault, { kind: "status" }>, now: () => number): Response {
  const html = `<html><head><title>${fault.status}</title></head><body><center><h1>${fault.status}</h1></center><hr><center>nginx</center></body></html>`;
  const body = fault.body ?? (fault.html ? html : (faults.words[fault.status] ?? ""));
  const usual = fault.html ? "text/html" : body.startsWith("{") ? "application/json; charset=utf-8" : "text/plain";
  const headers = new Headers({ "content-type": fault.contentType ?? usual, ...fault.headers });
  if (typeof fault.retryAfter === "number") headers.set("retry-after", String(fault.retryAfter));
  if (fault.retryAfter === "date") headers.set("retry-after", new Date((now() + (fault.seconds ?? 2)) * 1_000).toUTCString());
  return new Response(body, { status: fault.status, headers });
}

async function drip(response: Response, chunk: number, everyMs: number): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      await pause(everyMs);
      controller.enqueue(bytes.subarray(at, at + chunk));
      at += chunk;
      if (at >= bytes.length) controller.close();
    },
  });
  return new Response(body, { status: response.status, headers: { "content-type": "application/json; charset=utf-8" } });
}

/** The length says more than ever comes: the connection is cut in the middle of the body. */
async function reset(response: Response, afterBytes: number, cut: (() => void) | undefined): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (sent) {
        await pause(20);
        if (cut) cut();
        else controller.error(new Error("connection reset by the simulator"));
        return;
      }
      sent = true;
      controller.enqueue(bytes.subarray(0, Math.min(afterBytes, bytes.length - 1)));
    },
  });
  const headers = { "content-type": "application/json; charset=utf-8", "content-length": String(bytes.length) };
  return new Response(body, { status: response.status, headers });
}

function same(response: Response, body: string): Response {
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  if (!headers.has("content-type")) headers.set("content-type", "application/json");
  return new Response(body, { status: response.status, headers });
}

function runHook(faults: Faults, fault: Extract<Fault, { kind: "hook" }>): void {
  if (fault.run) fault.run();
  else if (fault.verb) faults.run(fault.verb, fault.args);
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
