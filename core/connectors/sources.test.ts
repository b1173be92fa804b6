import { expect, test } from "vitest";
import { SOURCES } from "#core/connectors/connection.ts";
import { CRAWL } from "#core/connectors/connector.ts";
import { connectorOf } from "#core/connectors/sources.ts";

test.each(SOURCES)("%s: the names of its crawl's streams say so, and no other's do", async (source) => {
  const { cycle, crawl } = await connectorOf(source);
  expect(crawl.filter((stream) => !stream.name.endsWith(CRAWL))).toEqual([]);
  expect(cycle.filter((stream) => stream.name.endsWith(CRAWL))).toEqual([]);
});
