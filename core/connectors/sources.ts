import type { Source } from "#core/connectors/connection.ts";
import type { Connector } from "#core/connectors/connector.ts";

/** Every source there is, loaded when first read. A new one is a new folder and a line here. */
const connectors: Readonly<Record<Source, () => Promise<Connector>>> = {
  chatwoot: async () => (await import("#core/connectors/chatwoot/connector.ts")).chatwoot,
  linear: async () => (await import("#core/connectors/linear/connector.ts")).linear,
  attio: async () => (await import("#core/connectors/attio/connector.ts")).attio,
};

export function connectorOf(source: Source): Promise<Connector> {
  return connectors[source]();
}
