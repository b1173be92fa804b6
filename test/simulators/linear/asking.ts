import { type Options, type Simulated, simulated } from "#test/simulators/linear/server.ts";

export const NOW = new Date("2026-03-10T12:00:00Z");
type Node = { id: string } & Record<string, unknown>;
export type List = { nodes: Node[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string } };
export type Reply = {
  status: number;
  headers: Headers;
  data: Record<string, List>;
  errors: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[] | undefined;
};
export type Ask = (query: string, variables?: Record<string, unknown>, authorization?: string) => Promise<Reply>;

/** A simulated workspace that stands still, and a way to ask it. */
export function workspace(
  options: Options = {},
): Simulated & { store: Simulated["world"]["store"]; ask: Ask; raw: (text: string) => Promise<Response> } {
  const sim = simulated({ size: "empty", now: () => NOW, ...options });
  const post = (body: string, authorization: string) =>
    sim.app.request("/graphql", { method: "POST", body, headers: { authorization, "content-type": "application/json" } });
  const ask: Ask = async (query, variables = {}, authorization = sim.world.tokens.admin) => {
    const answer = await post(JSON.stringify({ query, variables }), authorization);
    const text = await answer.text();
    const { data, errors } = (text.startsWith("{") ? JSON.parse(text) : {}) as Pick<Reply, "data" | "errors">;
    return { status: answer.status, headers: answer.headers, data, errors };
  };
  const raw = (query: string) => Promise.resolve(post(JSON.stringify({ query }), sim.world.tokens.admin));
  return { ...sim, store: sim.world.store, ask, raw };
}
