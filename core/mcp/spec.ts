/** How the doors of the protocol are asked and answered: what its own description is made of is the protocol's, and not here. */
export const specs = {
  mcp: { raw: 64_000, text: "application/json; charset=utf-8" },
  mcp_listen: {},
} as const;
