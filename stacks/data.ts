/// <reference path="../.sst/platform/config.d.ts" />
import type { EnvironmentKey } from "#stacks/plan.ts";

/** `external`: any PostgreSQL with pgvector, by its URL. `aurora`: Aurora Serverless in a network of its own, made here. */
export type Database = "external" | "aurora";
export type Surroundings = {
  /** What the names of a stage's queues and functions begin with. */
  prefix: string;
  values: Readonly<Record<EnvironmentKey, $util.Input<string>>>;
  /** What else every function's environment holds, so that it trusts the database's certificate. */
  trust: Readonly<Record<string, string>>;
  vpc: sst.aws.Vpc | undefined;
};

/** The database and the secrets: what every function is surrounded by. */
export function makeData(kind: Database, corsOrigin: string): Surroundings {
  const prefix = `${$app.name}-${$app.stage}`;
  const { url, vpc, trust } = kind === "aurora" ? aurora() : external();
  const values: Surroundings["values"] = {
    DATABASE_URL: url,
    // One function instance serves one batch or one request at a time; the database sees instances times this.
    DATABASE_POOL_MAX: "4",
    BELLWETHER_SECRET_KEY: new sst.Secret("SecretKey").value,
    QUEUE_BACKEND: "sqs",
    QUEUE_PREFIX: prefix,
    LOG_LEVEL: "info",
    AUTH_USERNAME: new sst.Secret("AuthUsername").value,
    AUTH_PASSWORD: new sst.Secret("AuthPassword").value,
    // Empty counts as absent: without a token the metrics are not served.
    METRICS_TOKEN: new sst.Secret("MetricsToken", "").value,
    // Without a key nothing is sent to Loops.
    LOOPS_SECRET_KEY: new sst.Secret("LoopsSecretKey", "").value,
    LOOPS_BASE_URL: "",
    LOOPS_WEBHOOK_SECRET: new sst.Secret("LoopsWebhookSecret", "").value,
    // Without a key memory finds by words alone. Empty: as core/config.ts has it.
    OPENAI_API_KEY: new sst.Secret("OpenAiApiKey", "").value,
    OPENAI_BASE_URL: "",
    EMBEDDING_MODEL: "",
    EMBEDDING_QUERY_MODEL: "",
    EMBEDDING_DIMENSIONS: "",
    COMPLETION_MODEL: "",
    BUDGET_USD_PROJECT_DAY: "",
    BUDGET_USD_RUN: "",
    BUDGET_USD_STUDIO_DAY: "",
    CORS_ORIGIN: corsOrigin,
  };
  return { prefix, values, vpc, trust };
}

/** The functions stay outside a network of ours: no NAT to pay for. The connection is encrypted and the server's certificate verified. */
function external() {
  const url = new sst.Secret("DatabaseUrl").value.apply(verified);
  return { url, vpc: undefined, trust: {} };
}

/** The URL with `sslmode=verify-full`. Any weaker mode is refused rather than mended: somebody chose it. */
export function verified(url: string): string {
  const parsed = new URL(url);
  const mode = parsed.searchParams.get("sslmode") ?? "verify-full";
  if (mode !== "verify-full")
    throw new Error(`The secret DatabaseUrl asks for sslmode=${mode}; across the internet only verify-full will do.`);
  parsed.searchParams.set("sslmode", mode);
  return parsed.href;
}

function aurora() {
  // The functions read upstreams on the internet: they need a way out. The bastion is the operator's way in, to migrate.
  const vpc = new sst.aws.Vpc("Network", { nat: "ec2", bastion: true });
  const cluster = new sst.aws.Aurora("Database", {
    engine: "postgres",
    version: "17.6",
    database: "bellwether",
    scaling: { min: "0.5 ACU", max: "4 ACU" },
    vpc,
    transform: {
      clusterParameterGroup: { parameters: [{ name: "rds.force_ssl", value: "1" }] },
      cluster: { storageEncrypted: true, backupRetentionPeriod: 7 },
    },
  });
  const { username, password, host, port, database } = cluster;
  const url = $util
    .all([username, password, host, port, database])
    .apply(
      ([user, secret, server, at, name]) => `postgres://${user}:${encodeURIComponent(secret)}@${server}:${at}/${name}?sslmode=verify-full`,
    );
  // Amazon's own root is in the runtime's bundle, but Node has to be told.
  return { url: $util.secret(url), vpc, trust: { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem" } };
}
