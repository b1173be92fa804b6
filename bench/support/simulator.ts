import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Measured, Source } from "./backfill.ts";

const NODE = process.execPath;
/** The heap's limits under which `npm start` runs. */
const HEAP = ["--max-semi-space-size=8", "--max-old-space-size=512"];

/** A simulated source in a process of its own, as a connection describes it. */
export async function simulator(name: Source["source"], options: readonly string[]): Promise<Source & { stop: () => void }> {
  const sim = spawn(NODE, [`test/simulators/${name}/main.ts`, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(sim.stdout), "line")) as [string];
  const told = JSON.parse(line) as Record<"baseUrl" | "accountId" | "organizationId" | "workspaceId", string> & {
    tokens: Record<string, string>;
  };
  const externalAccount = String(told.accountId ?? told.organizationId ?? told.workspaceId);
  const apiToken = told.tokens.admin ?? told.tokens.full ?? "";
  return { source: name, baseUrl: told.baseUrl, externalAccount, apiToken, stop: () => sim.kill() };
}

/** A backfill of these sources and the quiet cycle after it, in a process of its own, so that its peak memory is the product's and nothing else's. */
export async function backfill(url: string, sources: readonly Source[]): Promise<Measured> {
  const given = JSON.stringify(
    sources.map(({ source, baseUrl, externalAccount, apiToken }) => ({ source, baseUrl, externalAccount, apiToken })),
  );
  const { stdout } = await promisify(execFile)(NODE, [...HEAP, "bench/support/backfill.ts", url, given], { maxBuffer: 1 << 20 });
  return JSON.parse(stdout) as Measured;
}
