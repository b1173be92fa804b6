import type { Check } from "#test/simulators/chatwoot/world.ts";

export function check(): Check | undefined {
  return undefined;
}
