/** The first chunk of the drop-in script: the activity, which knows by name what is loaded later. */
import { startActivity } from "./activity/activity";
import type { StartActivity } from "./part";

/** Names of the files beside this one, with their hashes; set by the build. */
declare const __OBSERVER_CHUNKS__: {
  readonly replay: string;
  readonly vitals: string;
  readonly autocapture: string;
};

/** @param load loads a file that lies beside the script */
export function startBeside(load: <Loaded>(file: string) => Promise<Loaded>): StartActivity {
  const { replay, vitals, autocapture } = __OBSERVER_CHUNKS__;
  return (core) =>
    startActivity(core, {
      recorder: () => load(replay),
      vitals: () => load(vitals),
      autocapture: () => load(autocapture),
    });
}
