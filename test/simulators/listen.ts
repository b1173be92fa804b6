import { serve } from "@hono/node-server";
import type { Hono } from "hono";

/** An app on 127.0.0.1. Port 0 takes any that is free; closing does not wait for clients. */
export function listen(app: Hono, port: number): Promise<{ url: string; close: () => Promise<void> }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => {
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          if ("closeAllConnections" in server) server.closeAllConnections();
        });
      resolve({ url: `http://127.0.0.1:${info.port}`, close });
    });
  });
}
