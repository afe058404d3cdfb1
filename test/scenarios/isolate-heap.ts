/**
 * What the isolate of a running workerd holds, MiB: the least of a few looks, each after a
 * collection that was asked for, since an isolate does not collect at once every time.
 */
export async function isolateHeap(inspector: string, url: string): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < 3; look += 1) looks.push(await heapAfterCollection(inspector, url));
  return Math.min(...looks);
}

async function heapAfterCollection(inspector: string, url: string): Promise<number> {
  const socket = new WebSocket(`ws://${inspector}/main`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const heap = new Promise<number>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data));
      if (id === 2) resolve(result.usedSize);
    });
  });
  socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" }));
  // An isolate collects when it next runs.
  await (await fetch(`${url}/healthz`)).text();
  socket.send(JSON.stringify({ id: 2, method: "Runtime.getHeapUsage" }));
  const bytes = await heap;
  socket.close();
  return Math.round((bytes / 1024 / 1024) * 10) / 10;
}
