import { afterAll, beforeAll, expect, test } from "vitest";
import { deploy } from "#stacks/deploy.ts";
import { plan } from "#stacks/plan.ts";
import { type Cloud, openCloud, statementsOf } from "#test/cloud.ts";

const planned = plan();
let cloud: Cloud;

beforeAll(async () => {
  cloud = await openCloud({ SecretKey: "k", AuthUsername: "owner", AuthPassword: "p" });
  deploy("aurora", "", planned);
  await cloud.settle();
});
afterAll(() => cloud.close());

test("Aurora stands in a network of its own, encrypted at rest, and takes no connection without TLS", () => {
  expect(cloud.of("aws:rds/cluster:Cluster").map((resource) => resource.inputs)).toMatchObject([
    { engine: "aurora-postgresql", storageEncrypted: true, serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 4 } },
  ]);
  expect(JSON.stringify(cloud.of("aws:rds/clusterParameterGroup:ClusterParameterGroup"))).toContain('"name":"rds.force_ssl","value":"1"');
});

test("every function is in that network, verifies the certificate, and still may not do more than the plan says", () => {
  const functions = cloud
    .of("aws:lambda/function:Function")
    .filter((resource) => String(resource.inputs.name).startsWith("bellwether-test-"));
  expect(functions).toHaveLength(planned.jobs.length + planned.resources.length);
  for (const { inputs } of functions) {
    expect(inputs.vpcConfig).toMatchObject({ subnetIds: expect.anything(), securityGroupIds: expect.anything() });
    const environment = JSON.stringify(inputs.environment);
    expect(environment).toContain("p%40ss%2Fword@");
    expect(environment).toContain("/bellwether?sslmode=verify-full");
    expect(environment).toContain('"NODE_EXTRA_CA_CERTS":"/var/runtime/ca-cert.pem"');
  }
  const granted = cloud.of("aws:iam/role:Role").flatMap((role) => statementsOf(role).flatMap((statement) => statement.actions));
  expect(granted.filter((action) => action.includes("*"))).toEqual([]);
});

test("another kind of database is refused by name", () => {
  expect(() => deploy("mysql")).toThrow("external or aurora, not mysql");
});
