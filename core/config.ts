import * as z from "zod";

const text = z.string().trim().min(1);
const Config = z.object({
  DATABASE_URL: text.optional(),
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(100).default(12),
  BELLWETHER_DATA: text.default(".bellwether"),
  BELLWETHER_SECRET_KEY: text.optional(),
  HOST: text.default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8787),
  /** How many proxies of one's own stand between a caller and the local server. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  AUTH_USERNAME: text.optional(),
  AUTH_PASSWORD: text.optional(),
  CORS_ORIGIN: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((origin) => origin.trim())
        .filter(Boolean),
    ),
  METRICS_TOKEN: text.optional(),
  QUEUE_BACKEND: z.enum(["embedded", "sqs"]).default("embedded"),
  QUEUE_PREFIX: text.default("bellwether"),
  CHATWOOT_BASE_URL: z.url().optional(),
  CHATWOOT_API_TOKEN: text.optional(),
  CHATWOOT_ACCOUNT_ID: z.coerce.number().int().positive().optional(),
  LINEAR_BASE_URL: z.url().default("https://api.linear.app"),
  LINEAR_API_TOKEN: text.optional(),
  LINEAR_WORKSPACE_ID: text.optional(),
  ATTIO_BASE_URL: z.url().default("https://api.attio.com"),
  ATTIO_API_TOKEN: text.optional(),
  ATTIO_WORKSPACE_ID: text.optional(),
  CLIENT_SILENT_DAYS: z.coerce.number().int().min(1).max(90).default(4),
  LOOPS_SECRET_KEY: text.optional(),
  LOOPS_BASE_URL: z.url().default("https://app.loops.so/api"),
  LOOPS_WEBHOOK_SECRET: text.optional(),
  /** A server of one's own that speaks OpenAI's protocol may need none. */
  OPENAI_API_KEY: text.optional(),
  OPENAI_BASE_URL: z.url().default("https://api.openai.com/v1"),
  EMBEDDING_MODEL: text.default("text-embedding-3-small"),
  /** For questions, where the model has another side for them; else the same. */
  EMBEDDING_QUERY_MODEL: text.optional(),
  // An index over half-precision vectors ends at 4,000 dimensions.
  EMBEDDING_DIMENSIONS: z.coerce.number().int().min(1).max(4_000).default(1_536),
  COMPLETION_MODEL: text.default("gpt-5.6-luna"),
  /** US dollars; a day ends at midnight UTC. */
  BUDGET_USD_PROJECT_DAY: z.coerce.number().min(0).default(1),
  BUDGET_USD_RUN: z.coerce.number().min(0).default(0.5),
  BUDGET_USD_STUDIO_DAY: z.coerce.number().min(0).default(10),
  /** Before a request that failed shortly is asked for the second time; four times as long before the third. */
  CONNECTOR_REQUEST_PAUSE_MS: z.coerce.number().int().min(1).max(1_000).default(300),
  CONNECTOR_MAX_RETRIES: z.coerce.number().int().min(1).max(20).default(5),
  CONNECTOR_RECONCILIATION_MIN_COMPLETENESS_PCT: z.coerce.number().min(0).max(100).default(95),
});
export type Config = z.infer<typeof Config>;

/** The environment, parsed once. An empty variable counts as absent. Throws with every wrong variable named. */
export const config: Config = parse(process.env);

export function parse(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = Config.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new Error(`The environment is not usable: ${wrong}`);
}
