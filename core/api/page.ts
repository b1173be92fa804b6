import type { Operation } from "#core/api/operation.ts";

/** The policy of a page with a style sheet of its own and nothing else: no script, no picture, nothing from elsewhere. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The operations, to read: one page of HTML. */
export function page(operations: Readonly<Record<string, Operation>>): string {
  const byResource = Map.groupBy(Object.entries(operations), ([, operation]) => operation.resource);
  const sections = [...byResource].map(([resource, rows]) => `<h2>${text(resource)}</h2><table>${rows.map(row).join("")}</table>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Bellwether API</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2430}h2{margin:2rem 0 .3rem}
table{border-collapse:collapse;width:100%}td{padding:.35rem .6rem .35rem 0;border-top:1px solid #dde3ea;vertical-align:top}
td:nth-child(1){width:5rem;font-weight:600}td:nth-child(2){width:24rem;font-family:ui-monospace,monospace;overflow-wrap:anywhere}td:nth-child(4){width:9rem;color:#5b6776}</style>
<h1>Bellwether API</h1>
<p>The machine-readable description is at <a href="/openapi.json">/openapi.json</a>. Sign in with <code>POST /auth/login</code> and send its
<code>csrf_token</code> as <code>x-csrf-token</code> with whatever is not a GET, or send an API key as <code>authorization: Bearer bw_...</code>. A project is
named by the path, by <code>project_id</code> or by <code>x-project-id</code>; else the session's active one is meant.</p>
${sections.join("\n")}</html>`;
}

function row([name, { method, path, does, who, reach }]: [string, Operation]): string {
  const cells = [method, path, does, `${who}, ${reach}`].map((cell) => `<td>${text(cell)}</td>`);
  return `<tr id="${text(name)}">${cells.join("")}</tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const text = (plain: string): string => plain.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
