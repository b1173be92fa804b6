import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { operations } from "#core/api/catalogue.ts";
import { config } from "#core/config.ts";
import { addressOf } from "#local/address.ts";
import { apiDoors } from "#local/doors.ts";

type Node = { Bindings: { incoming: { socket: { remoteAddress?: string } } } };
export type Server = { url: string; close: () => Promise<void> };

/** Every API door on one port, each operation at its resource's own app, as the gateway would route it. */
export async function listen(host: string, port: number): Promise<Server> {
  const doors = await apiDoors();
  const root = new Hono<Node>();
  const env = (c: Context<Node>) => ({
    address: addressOf(c.env.incoming.socket.remoteAddress, c.req.header("x-forwarded-for"), config.TRUSTED_PROXIES),
  });
  const door = (resource: string) => {
    const app = doors.get(resource);
    if (!app) throw new Error(`There is no door for ${resource}.`);
    return app;
  };
  for (const { method, path, resource } of Object.values(operations)) {
    const app = door(resource);
    root.on([method, "OPTIONS"], path, (c) => app.fetch(c.req.raw, env(c)));
  }
  // What no operation names: any door answers it with the envelope.
  const fallback = door("health");
  root.all("*", (c) => fallback.fetch(c.req.raw, env(c)));
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: root.fetch, hostname: host, port }, (info) => {
      resolve({
        url: `http://${host.includes(":") ? `[${host}]` : host}:${info.port}`,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
    server.on("error", (error: NodeJS.ErrnoException) => {
      const taken =
        error.code === "EADDRINUSE" ? new Error(`Port ${port} is taken. Choose another one: PORT=${port + 1} npm start`) : error;
      reject(taken);
    });
  });
}
