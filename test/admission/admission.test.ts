import { describe, expect, it } from "vitest";
import { AppKeys, hasAdminToken } from "../../src/admission/app-keys.ts";
import { readBody } from "../../src/admission/read-body.ts";

const bearer = (key: string) => new Headers({ authorization: `Bearer ${key}` });

describe("app keys", () => {
  const keys = new AppKeys("alpha, beta,,");

  it("let in each key of the list, by either header, under a name that is not the key", () => {
    const caller = keys.authenticate(bearer("beta"));
    expect(caller).toEqual(keys.authenticate(new Headers({ "x-api-key": "beta" })));
    expect(caller.key).not.toContain("beta");
    expect(caller).not.toEqual(keys.authenticate(bearer("alpha")));
  });

  it.each([
    ["a wrong key", bearer("gamma"), "invalid_api_key"],
    ["the start of a key", bearer("alph"), "invalid_api_key"],
    ["the whole list", new Headers({ "x-api-key": "alpha, beta" }), "invalid_api_key"],
    ["no key", new Headers(), "missing_api_key"],
    ["an empty key", new Headers({ authorization: "Bearer " }), "missing_api_key"],
  ])("refuse %s", (_name, headers, code) => {
    expect(() => keys.authenticate(headers)).toThrow(
      expect.objectContaining({ status: 401, code }),
    );
  });

  it.each([[undefined], [""], [" , "]])("let nobody in when the list is %o", (list) => {
    const none = new AppKeys(list);
    for (const headers of [new Headers(), bearer(""), bearer("x"), bearer("undefined")]) {
      expect(() => none.authenticate(headers)).toThrow(
        expect.objectContaining({ status: 401, code: "no_keys_configured" }),
      );
    }
  });

  it("know a key again, and no other one of its length", () => {
    const own = new AppKeys("alpha,beta");
    const caller = own.authenticate(bearer("alpha"));
    expect(own.authenticate(bearer("alpha"))).toEqual(caller);
    expect(own.authenticate(bearer("beta"))).not.toEqual(caller);
    for (const wrong of ["alphb", "blpha", "alph", "alphaa"]) {
      expect(() => own.authenticate(bearer(wrong))).toThrow(
        expect.objectContaining({ status: 401, code: "invalid_api_key" }),
      );
    }
  });

  it("are refused once revoked, by name, until they are let in again", () => {
    const own = new AppKeys("alpha,beta");
    const caller = own.authenticate(bearer("alpha"));
    own.revoke(caller.key, true);
    const refused = expect.objectContaining({ status: 401, code: "invalid_api_key" });
    expect(() => own.refuseRevoked(caller)).toThrow(refused);
    expect(own.list().filter(({ revoked }) => revoked)).toEqual([
      { name: caller.key, revoked: true },
    ]);
    expect(() => own.refuseRevoked(own.authenticate(bearer("beta")))).not.toThrow();
    own.revoke(caller.key, false);
    expect(() => own.refuseRevoked(caller)).not.toThrow();
  });

  it("and the admin token are told apart", () => {
    expect(hasAdminToken(bearer("token"), "token")).toBe(true);
    expect(hasAdminToken(bearer("Token"), "token")).toBe(false);
    expect(hasAdminToken(new Headers(), "token")).toBe(false);
  });
});

describe("a request's body", () => {
  const post = (body: BodyInit) => new Request("http://x/", { method: "POST", body });

  /** A body whose length is not announced. */
  function chunked(...parts: string[]): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    return new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(encoder.encode(part));
        controller.close();
      },
    });
  }

  it("is read up to the limit", async () => {
    expect(await readBody(post("12345"), 5)).toBe("12345");
    expect(await readBody(post(chunked("12", "345")), 5)).toBe("12345");
  });

  it("is refused above it, announced or not", async () => {
    await expect(readBody(post("123456"), 5)).rejects.toMatchObject({ status: 413 });
    await expect(readBody(post(chunked("123", "456")), 5)).rejects.toMatchObject({ status: 413 });
  });
});
