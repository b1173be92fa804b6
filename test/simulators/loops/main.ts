import { parseArgs } from "node:util";
import { startLoops } from "#test/simulators/loops/server.ts";

/** The simulator as a process of its own: one line of JSON says where it listens, then it serves until SIGTERM. */
const { values } = parseArgs({
  options: {
    size: { type: "string", default: "small" },
    seed: { type: "string", default: "1" },
    port: { type: "string", default: "0" },
    "control-port": { type: "string", default: "0" },
    "latency-ms": { type: "string", default: "0" },
    now: { type: "string" },
    validate: { type: "boolean", default: false },
    "rate-limit": { type: "string" },
  },
});
const running = await startLoops({
  size: values.size === "large" || values.size === "empty" ? values.size : "small",
  seed: Number(values.seed),
  port: Number(values.port),
  controlPort: Number(values["control-port"]),
  validate: values.validate,
  latencyMs: Number(values["latency-ms"]),
  rateLimit: values["rate-limit"] === undefined ? false : Number(values["rate-limit"]),
  ...(values.now === undefined ? {} : { now: new Date(values.now) }),
});
const { baseUrl, controlUrl, tokens } = running;
process.stdout.write(`${JSON.stringify({ baseUrl, controlUrl, tokens })}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void running.close().then(() => process.exit(0)));
