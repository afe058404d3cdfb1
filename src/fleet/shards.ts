/** The object that holds a scope: all of one provider's scopes are in one place. FNV-1a over the name. */
export function shardOf(scope: string, shards: number): number {
  if (shards === 1) return 0;
  const slash = scope.indexOf("/");
  const provider = slash < 0 ? scope : scope.slice(0, slash);
  let hash = 0x811c9dc5;
  for (let at = 0; at < provider.length; at += 1) {
    hash = Math.imul(hash ^ provider.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash % shards;
}
