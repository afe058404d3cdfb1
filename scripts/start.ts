/**
 * `npm start`: a router on this machine, ready to use. Applies the migrations to the local
 * database, makes the local secrets, starts `wrangler dev` and says what it found. All arguments
 * go to `wrangler dev`.
 */
import { connect } from "node:net";
import { isAbsolute, join } from "node:path";
import { ensureDevVars, readVars } from "./dev-vars.ts";
import { askReadiness, type Report } from "./readiness.ts";
import { flagValue, flagValues, givenVars } from "./wrangler-args.ts";
import { root, runWrangler, WranglerDev } from "./wrangler.ts";

const readyWithinMs = 90_000;
/** A Worker that runs and cannot say how it is, for longer than its start explains. */
const brokenForMs = 3_000;

interface Address {
  readonly host: string;
  readonly port: number;
}

async function main(args: readonly string[]): Promise<void> {
  const address = addressOf(args);
  if (await isTaken(address)) {
    fail(`Port ${address.port} is in use. Stop what uses it, or: npm start -- --port <another>`);
  }
  const secrets = secretsOf(args);
  migrate(args);
  const router = startRouter(args, address.port);
  const report = await untilReady(router, `http://${address.host}:${address.port}`);
  announce(address, secrets, report);
  router.speak();
}

function addressOf(args: readonly string[]): Address {
  const port = Number(flagValue(args, "--port") ?? "8787");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail("--port takes a port's number.");
  const ip = flagValue(args, "--ip") ?? "localhost";
  return { host: ["*", "0.0.0.0", "::", "127.0.0.1"].includes(ip) ? "localhost" : ip, port };
}

function isTaken({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

interface Secret {
  readonly value: string;
  readonly from: string;
}

interface Secrets {
  readonly appKey: Secret;
  readonly adminToken: Secret;
}

/** The secrets that wrangler will give the Worker: its flags count before its file. */
function secretsOf(args: readonly string[]): Secrets {
  const files = flagValues(args, "--env-file");
  const filed =
    files.length > 0
      ? readVars(files.map((file) => (isAbsolute(file) ? file : join(root, file))))
      : ensureDevVars(join(root, ".dev.vars"));
  const given = givenVars(args);
  const secret = (name: string): Secret => {
    const flag = given.get(name);
    if (flag !== undefined) return { value: flag, from: `${name} in --var` };
    const file = files.length > 0 ? files.join(", ") : ".dev.vars";
    return { value: filed.get(name) ?? "(none)", from: `${name} in ${file}` };
  };
  const keys = secret("LIFEBOAT_KEYS");
  const appKey = { ...keys, value: keys.value.split(",")[0]?.trim() ?? "" };
  return { appKey, adminToken: secret("LIFEBOAT_ADMIN_TOKEN") };
}

function migrate(args: readonly string[]): void {
  const persistTo = flagValue(args, "--persist-to");
  const place = persistTo === undefined ? [] : ["--persist-to", persistTo];
  const failure = runWrangler(["d1", "migrations", "apply", "DB", "--local", ...place]);
  if (failure !== null) fail(`The migrations could not be applied.\n${failure}`);
}

function startRouter(args: readonly string[], port: number): WranglerDev {
  const ownPort = flagValue(args, "--port") === undefined ? ["--port", String(port)] : [];
  const ours = [...ownPort, "--show-interactive-dev-session=false", "--var", "LIFEBOAT_LOCAL:true"];
  const router = new WranglerDev([...args, ...ours]);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => router.stop());
  }
  void router.ended.then((code) => {
    if (code !== 0) console.error(`${router.said}wrangler dev ended with code ${code}.`);
    process.exit(code);
  });
  return router;
}

async function untilReady(router: WranglerDev, base: string): Promise<Report> {
  const end = Date.now() + readyWithinMs;
  let brokenSince: number | null = null;
  while (Date.now() < end) {
    const answer = await askReadiness(base);
    if (typeof answer === "object") return answer;
    brokenSince = answer === "broken" ? (brokenSince ?? Date.now()) : null;
    if (brokenSince !== null && Date.now() - brokenSince > brokenForMs) {
      fail(`${router.said}\nThe Worker runs but fails; its messages are above.`);
    }
    await new Promise((resolve) => setTimeout(resolve, answer === "broken" ? 1_000 : 100));
  }
  fail(`${router.said}\nThe router was not ready within ${readyWithinMs / 1000} s.`);
}

function announce({ host, port }: Address, { appKey, adminToken }: Secrets, report: Report): void {
  const base = `http://${host}:${port}/v1`;
  const providers = report.providers.map(
    ({ name, ready, reason }) => `  ${name}: ${ready ? "ready" : reason}`,
  );
  const heading = report.ready
    ? "Lifeboat is ready."
    : `Lifeboat runs, but is not ready: see http://${host}:${port}/readyz`;
  console.log(`
${heading}

  Base URL     ${base}
  App key      ${appKey.value}   (${appKey.from})
  Admin token  ${adminToken.value}   (${adminToken.from})
  Config       ${configLine(report)}

Providers
${providers.join("\n")}

Try it
  curl -i ${base}/chat/completions -H "Authorization: Bearer ${appKey.value}" -H "Content-Type: application/json" -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}'
`);
}

function configLine({ configVersion }: Report): string {
  if (configVersion === 0) return "lifeboat.config.ts";
  return `version ${configVersion} of the database, put by PUT /admin/config (back to lifeboat.config.ts: POST /admin/config/rollback/0)`;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

await main(process.argv.slice(2));
