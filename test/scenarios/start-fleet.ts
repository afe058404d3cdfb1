import { freePort } from "../../scripts/free-port.ts";
import { compatibility, serveBundle } from "./start-bundle.ts";
import { appKey } from "./start-router.ts";

const adminToken = "fleet-admin";

interface ObjectCall {
  readonly call: string;
  readonly isolate: string | null;
  readonly at: number;
}

/** Several isolates of the deployed bundle on one workerd, all of them bound to one `Fleet`. */
export interface RunningFleet {
  readonly isolates: readonly string[];
  ask(isolate: number, body?: object): Promise<Response>;
  admin(isolate: number, path: string, init?: RequestInit): Promise<Response>;
  /** Makes every call of the object fail, or never return, for so long. */
  breakObject(how: "throw" | "hang", ms: number): Promise<void>;
  /** When the object was called, by name of the call, ms UTC. */
  objectCalls(): Promise<readonly ObjectCall[]>;
  output(): string;
  stop(): Promise<void>;
}

/** The deployment's own object, which can be told to misbehave and remembers when it was called. */
const wrapper = `
import { Fleet as Real } from "./index.js";
let broken = { how: "not", until: 0 };
const calls = [];
const met = async (call, isolate) => {
  calls.push({ call, isolate, at: Date.now() });
  if (Date.now() >= broken.until) return;
  if (broken.how === "hang") await scheduler.wait(60_000);
  throw new Error("broken on purpose");
};
export class Fleet extends Real {
  async sync(delta) { await met("sync", delta.isolate); return super.sync(delta); }
  async lease(question) { await met("lease", question.isolate); return super.lease(question); }
  async report() { await met("report", null); return super.report(); }
  async break(how, ms) { broken = { how, until: Date.now() + ms }; }
  async calls() { return calls; }
}
export default {
  async fetch(request, env) {
    const fleet = env.FLEET.getByName("fleet");
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/break") await fleet.break(searchParams.get("how"), Number(searchParams.get("ms")));
    return Response.json(pathname === "/calls" ? await fleet.calls() : {});
  },
};
`;

export async function startFleet(config: object, size: number): Promise<RunningFleet> {
  const ports: number[] = [];
  for (let port = 0; port <= size; port += 1) ports.push(await freePort());
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const [object = "", ...isolates] = urls;
  const bundle = await serveBundle(config, {
    url: isolates[0] ?? "",
    files: { "workerd.capnp": workerdConfig(ports), "fleet.js": wrapper },
  });
  const isolateUrl = (isolate: number): string => isolates[isolate] ?? "";
  return {
    isolates,
    ask: (isolate, body = {}) =>
      fetch(`${isolateUrl(isolate)}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${appKey}`, "content-type": "application/json" },
        body: JSON.stringify({
          model: "chat",
          messages: [{ role: "user", content: "hi" }],
          ...body,
        }),
      }),
    admin: (isolate, path, init = {}) =>
      fetch(`${isolateUrl(isolate)}/admin${path}`, {
        ...init,
        headers: { authorization: `Bearer ${adminToken}` },
      }),
    breakObject: async (how, ms) => {
      await fetch(`${object}/break?how=${how}&ms=${ms}`);
    },
    objectCalls: async () => (await fetch(`${object}/calls`)).json(),
    output: () => bundle.output(),
    stop: () => bundle.stop(),
  };
}

function workerdConfig([objectPort, ...ports]: readonly number[]): string {
  const services = ports.map((_, n) => `(name = "isolate-${n}", worker = .isolate),`);
  const sockets = ports.map(
    (port, n) =>
      `(name = "isolate-${n}", address = "127.0.0.1:${port}", http = (), service = "isolate-${n}"),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "fleet", worker = .fleet),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "disk", disk = (writable = true)),
    ${services.join("\n    ")}
  ],
  sockets = [
    (name = "fleet", address = "127.0.0.1:${objectPort}", http = (), service = "fleet"),
    ${sockets.join("\n    ")}
  ],
);
const isolate :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  ${compatibility()},
  bindings = [
    (name = "LIFEBOAT_KEYS", text = "${appKey}"),
    (name = "LIFEBOAT_ADMIN_TOKEN", text = "${adminToken}"),
    (name = "FLEET", durableObjectNamespace = (className = "Fleet", serviceName = "fleet")),
  ],
);
const fleet :Workerd.Worker = (
  modules = [
    (name = "fleet.js", esModule = embed "fleet.js"),
    (name = "index.js", esModule = embed "index.js"),
  ],
  ${compatibility()},
  bindings = [(name = "FLEET", durableObjectNamespace = "Fleet")],
  durableObjectNamespaces = [(className = "Fleet", uniqueKey = "fleet", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
);
`;
}
