import { expect, test } from "vitest";
import { type Plan, plan } from "#stacks/plan.ts";

test("what each function may do", () => {
  const rights = ({ jobs: planned, resources }: Plan) =>
    [...planned, ...resources].map(
      ({ function: fn }) => `${fn.name}: ${fn.sendsTo.join(" ") || "-"} | ${fn.environment.slice(5).join(" ")}`,
    );
  expect(rights(plan())).toMatchInlineSnapshot(`
    [
      "connectors_sync_cycle: connectors_sync_cycle connectors_sync_cycle-dlq crm_mirror identity_suggestions memory_index connectors_narrow_sync connectors_reconciliation_daily | BELLWETHER_SECRET_KEY",
      "connector_errors_retry: connector_errors_retry connector_errors_retry-dlq connectors_narrow_sync connectors_narrow_sync-dlq | ",
      "connectors_narrow_sync: connectors_narrow_sync connectors_narrow_sync-dlq crm_mirror identity_suggestions memory_index connectors_sync_cycle connectors_reconciliation_daily | BELLWETHER_SECRET_KEY",
      "connectors_reconciliation_daily: connectors_reconciliation_daily connectors_reconciliation_daily-dlq connectors_sync_cycle connectors_narrow_sync | BELLWETHER_SECRET_KEY",
      "crm_mirror: crm_mirror crm_mirror-dlq | ",
      "identity_suggestions: identity_suggestions identity_suggestions-dlq | ",
      "memory_index: memory_index memory_index-dlq embeddings_run memory_extract | ",
      "loops_contacts_sync: loops_contacts_sync loops_contacts_sync-dlq | LOOPS_SECRET_KEY LOOPS_BASE_URL",
      "embeddings_run: embeddings_run embeddings_run-dlq | OPENAI_API_KEY OPENAI_BASE_URL EMBEDDING_MODEL EMBEDDING_QUERY_MODEL EMBEDDING_DIMENSIONS COMPLETION_MODEL BUDGET_USD_PROJECT_DAY BUDGET_USD_RUN BUDGET_USD_STUDIO_DAY",
      "memory_extract: memory_extract memory_extract-dlq | OPENAI_API_KEY OPENAI_BASE_URL EMBEDDING_MODEL EMBEDDING_QUERY_MODEL EMBEDDING_DIMENSIONS COMPLETION_MODEL BUDGET_USD_PROJECT_DAY BUDGET_USD_RUN BUDGET_USD_STUDIO_DAY",
      "retention_cleanup: retention_cleanup retention_cleanup-dlq | ",
      "api-health: - | CORS_ORIGIN METRICS_TOKEN",
      "api-docs: - | CORS_ORIGIN",
      "api-auth: - | CORS_ORIGIN AUTH_USERNAME AUTH_PASSWORD",
      "api-users: - | CORS_ORIGIN",
      "api-projects: connectors_sync_cycle connector_errors_retry connectors_narrow_sync connectors_reconciliation_daily crm_mirror identity_suggestions memory_index loops_contacts_sync embeddings_run memory_extract retention_cleanup | CORS_ORIGIN",
      "api-api_keys: - | CORS_ORIGIN",
      "api-connections: - | CORS_ORIGIN BELLWETHER_SECRET_KEY",
      "api-audit: - | CORS_ORIGIN",
      "api-jobs: connectors_sync_cycle connector_errors_retry connectors_narrow_sync connectors_reconciliation_daily crm_mirror identity_suggestions memory_index loops_contacts_sync embeddings_run memory_extract retention_cleanup | CORS_ORIGIN",
      "api-connectors: connectors_sync_cycle connector_errors_retry connectors_narrow_sync connectors_reconciliation_daily crm_mirror identity_suggestions memory_index loops_contacts_sync embeddings_run memory_extract retention_cleanup | CORS_ORIGIN",
      "api-webhooks: connectors_narrow_sync | CORS_ORIGIN BELLWETHER_SECRET_KEY LOOPS_WEBHOOK_SECRET",
      "api-loops: loops_contacts_sync | CORS_ORIGIN LOOPS_SECRET_KEY",
      "api-kag: - | CORS_ORIGIN",
      "api-chats: - | CORS_ORIGIN",
      "api-crm: - | CORS_ORIGIN",
      "api-identity: connectors_sync_cycle | CORS_ORIGIN",
      "api-costs: - | CORS_ORIGIN BUDGET_USD_PROJECT_DAY BUDGET_USD_RUN BUDGET_USD_STUDIO_DAY",
      "api-lightrag: memory_index embeddings_run | CORS_ORIGIN OPENAI_API_KEY OPENAI_BASE_URL EMBEDDING_MODEL EMBEDDING_QUERY_MODEL EMBEDDING_DIMENSIONS COMPLETION_MODEL BUDGET_USD_PROJECT_DAY BUDGET_USD_RUN BUDGET_USD_STUDIO_DAY",
      "api-mcp: - | CORS_ORIGIN OPENAI_API_KEY OPENAI_BASE_URL EMBEDDING_MODEL EMBEDDING_QUERY_MODEL EMBEDDING_DIMENSIONS COMPLETION_MODEL BUDGET_USD_PROJECT_DAY BUDGET_USD_RUN BUDGET_USD_STUDIO_DAY",
    ]
  `);
});
