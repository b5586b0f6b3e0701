import { type Command, FOLDER } from "../command.ts";
import { openFolder } from "../folder.ts";
import { EXIT } from "../refusal.ts";

/** `tiermesh serve`: the gateway of a folder, until SIGTERM or SIGINT. One JSON line a change of state on stdout. */
export const serve: Command = {
  usage: "serve",
  summary: "Run the company's gateway.",
  options: [FOLDER],
  run: async (call, context) => {
    const folder = openFolder(call.text("folder"), context);
    const { gateway: config, keys, modules, references } = folder;
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    const line = (signal: object): void => {
      context.out.write(`${JSON.stringify({ time: new Date(context.now()).toISOString(), ...signal })}\n`);
    };
    // Loaded here: the commands that need files alone start without Kafka and HTTP.
    const { runGateway } = await import("../../main.ts");
    await runGateway({ config, keys, references, modules, line }, stop.signal);
    return EXIT.done;
  },
};
