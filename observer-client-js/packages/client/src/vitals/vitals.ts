/** Web Vitals, with what caused them; a chunk of its own, loaded when the page is. */
import { type MetricType, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import { withoutQuery } from "../capture/address";
import { selectorOf } from "../capture/selector";
import type { Properties } from "../event/types";
import type { PartHost } from "../part";

/** What happened when, in milliseconds since the page began. */
interface Cause {
  readonly time: number;
  readonly properties: Properties;
}

/**
 * Reports each metric as `observer.web_vital`: LCP, FCP and TTFB once they are known, INP and CLS as
 * they are when the page is hidden. A metric that grows afterwards is reported again with its
 * `metric_id`; the last one counts.
 */
export function startVitals(host: PartHost): { stop(): void } {
  let stopped = false;
  /** Metrics that may still grow, with the name of their element from when it was still there. */
  const growing = new Map<MetricType, unknown>();

  const report = (metric: MetricType, target?: unknown) => {
    if (stopped) return;
    const { time, properties } = causeOf(metric);
    const said = {
      metric: metric.name,
      metric_id: metric.id,
      value: round(metric.value),
      rating: metric.rating,
      navigation_type: metric.navigationType,
      ...properties,
      target: properties.target ?? target,
    };
    host.report("web_vital", said, time);
  };
  const known = (metric: MetricType) => report(metric);
  const grown = (metric: MetricType) => {
    growing.set(metric, causeOf(metric).properties.target);
  };
  onTTFB(known);
  onFCP(known);
  onLCP(known);
  onINP(grown, { reportAllChanges: true });
  onCLS(grown, { reportAllChanges: true });

  // After the listener of web-vitals, which brings the last changes, and before the page sends its last.
  const onHidden = () => {
    if (document.visibilityState !== "hidden") return;
    for (const [metric, target] of growing) report(metric, target);
    growing.clear();
  };
  addEventListener("visibilitychange", onHidden, true);
  return {
    stop() {
      stopped = true;
      removeEventListener("visibilitychange", onHidden, true);
    },
  };
}

function causeOf(metric: MetricType): Cause {
  switch (metric.name) {
    case "LCP": {
      const entry = metric.entries.at(-1);
      const [resource] = entry?.url ? performance.getEntriesByName(entry.url, "resource") : [];
      return {
        time: 0,
        properties: {
          target: nameOf(entry?.element),
          url: entry?.url ? withoutQuery(entry.url) : undefined,
          ...(resource instanceof PerformanceResourceTiming && {
            load_start_ms: round(resource.startTime),
            load_end_ms: round(resource.responseEnd),
          }),
        },
      };
    }
    case "INP": {
      // The events of one interaction end in the same paint; the one whose handlers took longest is why.
      const [entry] = [...metric.entries].sort((a, b) => processing(b) - processing(a));
      if (entry === undefined) break;
      const { startTime, processingStart, duration } = entry;
      const target = metric.entries.find((each) => each.target)?.target;
      return {
        time: startTime,
        properties: {
          target: nameOf(target),
          event: entry.name,
          input_delay_ms: round(processingStart - startTime),
          processing_ms: round(processing(entry)),
          presentation_ms: round(Math.max(0, startTime + duration - entry.processingEnd)),
        },
      };
    }
    case "CLS": {
      const [shift] = [...metric.entries].sort((a, b) => b.value - a.value);
      if (shift === undefined) break;
      const node = shift.sources?.find((source) => source.node)?.node;
      return { time: shift.startTime, properties: { target: nameOf(node) } };
    }
    case "TTFB":
    case "FCP":
  }
  return { time: 0, properties: {} };
}

const processing = (entry: PerformanceEventTiming) => entry.processingEnd - entry.processingStart;

function nameOf(node: Node | null | undefined): string | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  return element ? selectorOf(element) : undefined;
}

/** Milliseconds to a tenth; CLS, which is small, to the fourth digit. */
function round(value: number): number {
  return value < 10 ? Math.round(value * 1e4) / 1e4 : Math.round(value * 10) / 10;
}
