import { api } from "#core/api/api.ts";
import { bearer, same } from "#core/api/authenticate.ts";
import { route } from "#core/api/route.ts";
import { Refused } from "#core/error.ts";
import * as Health from "#core/platform/health.ts";
import { onHttp } from "#functions/door.ts";

export const app = api("health", {
  health: route({ answer: Health.Info }, () => Health.check()),
  metrics: route({ text: "text/plain; version=0.0.4; charset=utf-8" }, ({ headers, address }) => {
    if (!Health.mayReadMetrics(bearer(headers), address, headers, same)) throw new Refused("unauthenticated");
    return Health.metrics();
  }),
});
export const handler = onHttp(app);
