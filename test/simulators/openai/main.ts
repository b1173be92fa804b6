import { parseArgs } from "node:util";
import { startOpenAi } from "#test/simulators/openai/server.ts";

/** The simulator as a process of its own: one line of JSON says where it listens, then it serves until SIGTERM. */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "latency-ms": { type: "string", default: "0" },
    validate: { type: "boolean", default: false },
  },
});
const running = await startOpenAi({
  port: Number(values.port),
  latencyMs: Number(values["latency-ms"]),
  validate: values.validate,
});
process.stdout.write(`${JSON.stringify({ baseUrl: running.baseUrl, tokens: { key: running.world.key } })}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void running.close().then(() => process.exit(0)));
