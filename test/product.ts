import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Running } from "#test/simulators/chatwoot/server.ts";

export type Product = {
  child: ChildProcess;
  line: (pattern: RegExp) => Promise<string>;
  end: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
};
const running = new Set<ChildProcess>();

/** The product as a newcomer starts it, pointed at a simulated account, or at nothing: then it runs the demo. `line` resolves with what it said that matches, or throws when it ended before. */
export function start(sim: Running | undefined, folder: string, databaseUrl: string | undefined): Product {
  const child = spawn(process.execPath, ["local/main.ts"], {
    env: {
      ...process.env,
      PORT: "0",
      LOG_LEVEL: "silent",
      BELLWETHER_SECRET_KEY: "a key that both processes share",
      BELLWETHER_DATA: folder,
      DATABASE_URL: databaseUrl ?? "",
      CHATWOOT_BASE_URL: sim?.baseUrl ?? "",
      CHATWOOT_API_TOKEN: sim?.tokens.admin ?? "",
      CHATWOOT_ACCOUNT_ID: sim ? String(sim.accountId) : "",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const hear = (text: string) => {
    lines.push(text);
    for (const wake of waiting) wake();
  };
  for (const stream of [child.stdout, child.stderr]) createInterface(stream as NodeJS.ReadableStream).on("line", hear);
  child.once("close", () => hear("(ended)"));
  return {
    child,
    line: async (pattern) => {
      for (;;) {
        const found = lines.find((text) => pattern.test(text));
        if (found !== undefined) return found;
        if (lines.includes("(ended)")) throw new Error(`it ended before it said ${pattern}: ${lines.join(" | ")}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await promise;
        waiting.delete(resolve);
      }
    },
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, "exit");
      }
      running.delete(child);
    },
  };
}

export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}
