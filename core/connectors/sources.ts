import { attio } from "#core/connectors/attio/connector.ts";
import { chatwoot } from "#core/connectors/chatwoot/connector.ts";
import type { Connector } from "#core/connectors/connector.ts";
import { linear } from "#core/connectors/linear/connector.ts";

/** Every source there is. A new one is a new folder and a line here. */
const connectors: readonly Connector[] = [chatwoot, linear, attio];

export function connectorOf(source: string): Connector {
  const found = connectors.find((connector) => connector.source === source);
  if (!found) throw new Error(`There is no connector for ${source}.`);
  return found;
}
