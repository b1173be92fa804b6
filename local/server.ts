import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { operations } from "#core/api/catalogue.ts";
import { apiDoors } from "#local/doors.ts";

export type Server = { url: string; close: () => Promise<void> };

/** Every API door on one port, each operation at its resource's own app, as the gateway would route it. */
export async function listen(host: string, port: number): Promise<Server> {
  const doors = await apiDoors();
  const root = new Hono<{ Bindings: { incoming: { socket: { remoteAddress?: string } } } }>();
  const env = (address: string | undefined) => ({ address: address ?? "unknown" });
  const door = (resource: string) => {
    const app = doors.get(resource);
    if (!app) throw new Error(`There is no door for ${resource}.`);
    return app;
  };
  for (const { method, path, resource } of Object.values(operations)) {
    const app = door(resource);
    root.on([method, "OPTIONS"], path, (c) => app.fetch(c.req.raw, env(c.env.incoming.socket.remoteAddress)));
  }
  // What no operation names: any door answers it with the envelope.
  const fallback = door("health");
  root.all("*", (c) => fallback.fetch(c.req.raw, env(c.env.incoming.socket.remoteAddress)));
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: root.fetch, hostname: host, port }, (info) => {
      resolve({
        url: `http://${host.includes(":") ? `[${host}]` : host}:${info.port}`,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
    server.on("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE" ? new Error(`Port ${port} is taken. Choose another one: PORT=8790 npm start`) : error;
      reject(taken);
    });
  });
}
