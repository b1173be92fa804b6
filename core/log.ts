import { config } from "#core/config.ts";

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
type Level = Exclude<(typeof LEVELS)[number], "silent">;
type Fields = Record<string, unknown>;

/** Structured lines on stderr, one JSON object each; stdout stays free for what a person reads. Never message text, never credentials. */
export const log = {
  debug: (message: string, fields: Fields = {}) => write("debug", message, fields),
  info: (message: string, fields: Fields = {}) => write("info", message, fields),
  warn: (message: string, fields: Fields = {}) => write("warn", message, fields),
  error: (message: string, fields: Fields = {}) => write("error", message, fields),
};

function write(level: Level, message: string, fields: Fields): void {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(config.LOG_LEVEL)) return;
  const plain = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describe(value) : value]));
  process.stderr.write(`${JSON.stringify({ ...plain, at: new Date().toISOString(), level, message })}\n`);
}

function describe(error: Error): Fields {
  return { name: error.name, message: error.message, stack: error.stack?.split("\n").slice(1, 6).join(" <- ") };
}
