import type { FastifyInstance } from "fastify";
import { MeshError } from "../kernel/error.ts";

/** Throws CONFIG_INVALID where that address can't be had. */
export async function listen(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  await server.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const why = `The gateway can't listen on ${host}:${port} (${cause.code ?? cause.name}).`;
    throw new MeshError(
      "CONFIG_INVALID",
      `${why} Is another one running, or is \`spec.listen\` not an address of this machine?`,
    );
  });
}
