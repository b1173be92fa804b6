import { type Operation, op, question } from "#core/api/operation.ts";

/** What memory answers, and what models cost. */
export const operations = {
  costs_project: op("GET", "/costs", "costs", "What models cost a project, and its budget.", "pm", "project"),
  costs_studio: op("GET", "/costs/studio", "costs", "What models cost all of the studio's projects, and its budget.", "owner", "studio"),
  budget_project: op("PUT", "/projects/:id/budget", "costs", "Sets what a project may spend on models.", "owner", "project"),
  budget_studio: op("PUT", "/costs/budget", "costs", "Sets what the studio may spend on models in a day.", "owner", "studio"),

  lightrag_query: question(
    op("POST", "/lightrag/query", "lightrag", "Answers a question out of what was said and written, with citations.", "viewer", "project"),
  ),
  search: question(
    op("POST", "/search", "lightrag", "The same, page by page, with suggestions for what was not found.", "viewer", "project"),
  ),
  lightrag_feedback: op("POST", "/lightrag/feedback", "lightrag", "Rates an answer that the caller was given.", "viewer", "project"),
  lightrag_status: op("GET", "/lightrag/status", "lightrag", "What memory holds, how far it is, and why not further.", "viewer", "project"),
  lightrag_refresh: op("POST", "/lightrag/refresh", "lightrag", "Indexes, embeds and reads for facts what is new now.", "pm", "project"),
  mcp: question(op("POST", "/mcp", "mcp", "The Model Context Protocol: search, ask and a project's status as tools.", "viewer", "self")),
  mcp_listen: op("GET", "/mcp", "mcp", "Refuses: this server starts no conversation of its own.", "viewer", "self"),
} satisfies Record<string, Operation>;
