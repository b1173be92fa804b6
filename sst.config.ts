/// <reference path="./.sst/platform/config.d.ts" />

// SST reads app() before anything is built, so this file imports nothing at its top.
export default $config({
  app: ({ stage }) => ({
    name: "bellwether",
    home: "aws",
    version: "4.17.1",
    removal: stage === "production" ? "retain" : "remove",
    protect: stage === "production",
  }),
  async run() {
    const { deploy } = await import("./stacks/deploy.ts");
    return deploy(process.env.BELLWETHER_DATABASE, process.env.BELLWETHER_CORS_ORIGIN);
  },
});
