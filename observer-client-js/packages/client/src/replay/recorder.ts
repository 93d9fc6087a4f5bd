import { record } from "@rrweb/record";
import type { eventWithTime } from "@rrweb/types";
import { createMask } from "./mask";

/** A recorder at work. */
export interface Recorder {
  /** Takes a full snapshot: what follows can be played without what came before. */
  checkout(): void;
  stop(): void;
}

export interface RecorderOptions {
  /** `begins`: a full snapshot starts with this event. */
  readonly emit: (event: eventWithTime, begins: boolean) => void;
  readonly onError: () => void;
  readonly maskAllText: boolean;
  readonly maskTyped: (text: string) => string;
}

/** By tag, so that every type of input is meant, also those the recorder's own list does not know. */
const MASKED_FIELDS = { input: true, textarea: true, select: true };

/**
 * Starts rrweb. This module is a chunk of its own, loaded only when a session is recorded.
 * Whatever the recorder throws is given to `onError`, never to the page.
 */
export function startRecorder(options: RecorderOptions): Recorder {
  const { emit, onError, maskAllText, maskTyped } = options;
  const mask = createMask({ maskAllText, maskTyped, nodeOf: (id) => record.mirror.getNode(id) });
  const stop = record({
    emit(event) {
      try {
        mask.event(event);
        emit(event, event.type === 4);
      } catch {
        // Not masked is not sent.
        onError();
      }
    },
    blockSelector: "[data-observer-block]",
    maskInputOptions: MASKED_FIELDS,
    maskInputFn: (value, field) => mask.field(value, field),
    // Every text is asked about: closest() of the recorder's own selector ends at shadow roots and frames.
    maskTextSelector: "*",
    maskTextFn: (text, parent) => mask.text(text, parent),
    // Scripts, comments and link previews of the page say nothing about what it looked like.
    slimDOMOptions: true,
    errorHandler() {
      onError();
      return true;
    },
  });
  return {
    checkout() {
      try {
        record.takeFullSnapshot(true);
      } catch {
        onError();
      }
    },
    stop() {
      try {
        stop?.();
      } catch {
        onError();
      }
    },
  };
}
