const mostLooks = 4;

/**
 * What the isolate of a running workerd holds, MiB, as its inspector tells: the least of a few
 * looks, since an isolate does not collect at once every time it is asked to.
 */
export async function isolateHeap(inspector: string, url: string): Promise<number> {
  const socket = new WebSocket(`ws://${inspector}/main`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const answers = new Map<number, (bytes: number) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data));
    answers.get(id)?.(result.usedSize);
  });
  const looks: number[] = [];
  for (let look = 1; look <= mostLooks; look += 1) {
    const id = look * 2;
    const heap = new Promise<number>((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ id: id - 1, method: "HeapProfiler.collectGarbage" }));
    // An isolate collects when it next runs.
    await (await fetch(`${url}/healthz`)).text();
    socket.send(JSON.stringify({ id, method: "Runtime.getHeapUsage" }));
    looks.push(await heap);
  }
  socket.close();
  return Math.round((Math.min(...looks) / 1024 / 1024) * 10) / 10;
}
