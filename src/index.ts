import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { Refusal } from "./contract/refusal.ts";
import { clock, Isolate } from "./isolate.ts";
import { adminApi } from "./ops/admin-api.ts";
import { readinessReport } from "./ops/health.ts";
import { log } from "./ops/log.ts";
import { serveChat } from "./serve-chat.ts";
import { openAiError } from "./surface/openai-error.ts";
import { describeModel, listModels } from "./surface/openai-models.ts";

export { Fleet } from "./fleet/fleet-object.ts";

/** Made by the first request, since bindings belong to the deployment and not to one request. */
let isolate: Isolate | undefined;

function here(request?: Request): Isolate {
  isolate ??= new Isolate(env, request?.url ?? "");
  return isolate;
}

const app = new Hono();

app.get("/healthz", (context) => context.json({ status: "ok" }));
app.get("/readyz", async (context) => {
  const own = here(context.req.raw);
  await own.fleet.freshen((work) => context.executionCtx.waitUntil(work));
  return readinessReport(own, clock);
});

app.post("/v1/chat/completions", (context) =>
  serveChat(context.req.raw, here(context.req.raw), (work) => context.executionCtx.waitUntil(work)),
);

// Not `all`: where two handlers fit, each request pays for going from one to the other.
app.on(["GET", "PUT", "PATCH", "DELETE", "OPTIONS"], "/v1/chat/completions", (context) => {
  const message = `${context.req.method} is not for ${context.req.path}; use POST.`;
  const body = openAiError({ message, type: "invalid_request_error", code: "method_not_allowed" });
  return context.json(body, 405, { allow: "POST" });
});

app.get("/v1/models", async (context) => {
  const names = await modelNames(context.req.raw, context.executionCtx);
  return context.json(listModels(names));
});

app.get("/v1/models/:name{.+}", async (context) => {
  const names = await modelNames(context.req.raw, context.executionCtx);
  const name = context.req.param("name");
  if (names.includes(name)) return context.json(describeModel(name));
  throw new Refusal(404, {
    type: "invalid_request_error",
    code: "model_not_found",
    message: `The model '${name}' is not listed here.`,
    param: "model",
  });
});

async function modelNames(
  request: Request,
  context: { waitUntil(work: Promise<unknown>): void },
): Promise<readonly string[]> {
  const own = here(request);
  await own.admit(request.headers, (work) => context.waitUntil(work));
  const { routeNames, candidateNames } = own.config.active;
  return [...routeNames, ...candidateNames];
}

app.use("/admin/*", (context, next) => {
  here(context.req.raw);
  return next();
});
app.route(
  "/admin",
  adminApi(() => here(), clock),
);

app.notFound((context) => {
  const message = `There is nothing at ${context.req.method} ${context.req.path}.`;
  return context.json(
    openAiError({ message, type: "invalid_request_error", code: "unknown_url" }),
    404,
  );
});

/** The one place where errors end: refusals are told, everything else is ours and is not. */
app.onError((error) => {
  if (error instanceof Refusal) return refusalResponse(error);
  log("unexpected_error", { error });
  const message = "Lifeboat failed on its own account; this is not the provider's doing.";
  const body = openAiError({ message, type: "server_error", code: "internal_error" });
  return Response.json(body, { status: 500 });
});

function refusalResponse(refusal: Refusal): Response {
  const { status, message, type, code, param, decision } = refusal;
  const headers = {
    // A refused request stays refused: the clients' own retries only make it dearer.
    "x-should-retry": "false",
    ...(decision !== null && { "x-lifeboat-decision": decision, "x-request-id": decision }),
  };
  return Response.json(openAiError({ message, type, code, param }), { status, headers });
}

export default app;
