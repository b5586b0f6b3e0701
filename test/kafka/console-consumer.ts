import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { classPath, javaCommand } from "../../dev/kafka/artifacts.ts";

/** One line a record as Kafka's own console consumer prints it, read_committed: partition, headers, key and value. */
export async function consoleConsumer(
  bootstrap: string,
  topic: string,
  records: number,
): Promise<readonly string[]> {
  const properties = ["print.partition=true", "print.headers=true", "print.key=true"].flatMap((property) => [
    "--formatter-property",
    property,
  ]);
  const { stdout } = await promisify(execFile)(javaCommand(), [
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx128m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    "-cp",
    await classPath(),
    "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ...["--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning"],
    ...["--isolation-level", "read_committed", "--max-messages", `${records}`, "--timeout-ms", "15000"],
    ...properties,
  ]);
  return stdout.trimEnd().split("\n");
}
