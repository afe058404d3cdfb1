import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { providerKinds } from "./providers/index.ts";

/** The keys in a developer's `.dev.vars` must not reach a test: a test that calls a real provider costs money. */
const noProviderKeys = Object.fromEntries(
  [...providerKinds.values()].flatMap(({ apiKeyEnv }) =>
    apiKeyEnv === null ? [] : [[apiKeyEnv, ""]],
  ),
);

export default defineConfig({
  test: {
    projects: [
      {
        // In workerd, with real D1 and Durable Objects, against upstreams on loopback.
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...noProviderKeys,
                TEST_MIGRATIONS: await readD1Migrations("migrations"),
                LIFEBOAT_KEYS: "test-key,other-key",
                LIFEBOAT_ADMIN_TOKEN: "test-admin",
                LIFEBOAT_PRIVATE_ADDRESSES: "allow",
                UPSTREAM_KEY: "sk-upstream",
              },
            },
          })),
        ],
        test: {
          name: "workers",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/architecture/**",
            "test/scenarios/**",
            "test/providers/**",
            "test/simulator/**",
          ],
          setupFiles: ["test/workers/setup.ts"],
          globalSetup: ["test/loopback/global-setup.ts"],
        },
      },
      {
        // Adapters and the simulator by themselves: their upstreams are loopback servers of the test's own.
        test: {
          name: "providers",
          include: ["test/{architecture,providers,simulator}/**/*.test.ts"],
        },
      },
      {
        // From outside: the running router and the official clients.
        test: {
          name: "scenarios",
          include: ["test/scenarios/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
