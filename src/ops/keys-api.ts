import { Hono } from "hono";
import { Refusal } from "../contract/refusal.ts";
import { log } from "./log.ts";
import { notFound } from "./not-found.ts";

/** An app key as operators see it: the name that decisions carry, never the key. */
interface ListedKey {
  readonly name: string;
  readonly revoked: boolean;
}

/** What operators of app keys need of the isolate. */
export interface Locked {
  readonly appKeys: { list(): readonly ListedKey[] };
  /** Locks a key out, or lets it in again, in every isolate; rejects when the fleet cannot be reached. */
  revokeKey(name: string, revoked: boolean): Promise<void>;
}

/** `/admin/keys`: the keys of LIFEBOAT_KEYS by name, and which of them are revoked. */
export function keysApi(locked: () => Locked): Hono {
  const api = new Hono();

  api.get("/", (context) => context.json({ keys: locked().appKeys.list() }));

  api.delete("/:name", async (context) =>
    context.json(await revoke(locked(), { name: context.req.param("name"), revoked: true })),
  );

  api.post("/:name/restore", async (context) =>
    context.json(await revoke(locked(), { name: context.req.param("name"), revoked: false })),
  );

  return api;
}

async function revoke(locked: Locked, wanted: ListedKey): Promise<ListedKey> {
  if (!locked.appKeys.list().some(({ name }) => name === wanted.name)) {
    throw notFound("No key by that name in LIFEBOAT_KEYS; GET /admin/keys lists the names.");
  }
  try {
    await locked.revokeKey(wanted.name, wanted.revoked);
  } catch (error) {
    log("key_not_revoked", { key: wanted.name, error });
    throw new Refusal(503, {
      type: "server_error",
      code: "fleet_unreachable",
      message: "The fleet cannot be reached; nothing was changed.",
    });
  }
  return wanted;
}
