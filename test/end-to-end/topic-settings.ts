import { ConfigResourceTypes } from "kafkajs";
import { kafkaClient } from "./pair.ts";

/** Sets one setting of a topic, as its owner does; all others go back to the broker's. */
export async function setTopic(bootstrap: string, topic: string, name: string, value: string): Promise<void> {
  const admin = kafkaClient(bootstrap).admin();
  await admin.connect();
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
}
