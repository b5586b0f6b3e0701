import { type Request, readFault } from "./request.ts";
import { WireWriter } from "./wire-writer.ts";

const TOPIC_RESOURCE = 2;
const SET_OPERATION = 0;

/** Settings of one topic, by their names. */
export const DESCRIBE_TOPIC: Request<
  [topic: string, names: readonly string[]],
  ReadonlyMap<string, string | undefined>
> = {
  api: { key: 32, version: 4 },
  write: (topic, names) =>
    new WireWriter()
      .list([topic], (w, name) =>
        w
          .int8(TOPIC_RESOURCE)
          .text(name)
          .list(names, (keys, key) => keys.text(key))
          .tags(),
      )
      .int8(0)
      .int8(0)
      .tags(),
  read: (reader, doing) => {
    const settings = new Map<string, string | undefined>();
    reader.int32();
    reader.list(() => {
      readFault(reader, doing);
      reader.text();
      reader.int8();
      reader.text();
      reader.list(() => {
        const name = reader.text() ?? "";
        settings.set(name, reader.text() ?? undefined);
        for (let bytes = 0; bytes < 3; bytes += 1) reader.int8();
        reader.list(() => {
          reader.text();
          reader.text();
          reader.int8();
          reader.tags();
        });
        reader.int8();
        reader.text();
        reader.tags();
      });
      reader.tags();
    });
    return settings;
  },
};

/** Sets settings of one topic; others stay as they are. */
export const SET_TOPIC: Request<
  [topic: string, settings: readonly (readonly [name: string, value: string])[]],
  true
> = {
  api: { key: 44, version: 1 },
  write: (topic, settings) =>
    new WireWriter()
      .list([topic], (w, resource) =>
        w
          .int8(TOPIC_RESOURCE)
          .text(resource)
          .list(settings, (row, [name, value]) => row.text(name).int8(SET_OPERATION).text(value).tags())
          .tags(),
      )
      .int8(0)
      .tags(),
  read: (reader, doing) => {
    reader.int32();
    reader.list(() => {
      readFault(reader, doing);
      reader.text();
      reader.int8();
      reader.text();
      reader.tags();
    });
    return true;
  },
};
