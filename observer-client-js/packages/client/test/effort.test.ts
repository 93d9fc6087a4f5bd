// @vitest-environment node
import { expect, test } from "vitest";
import { createEffortMeter } from "../src/replay/effort";

let time = 0;
/** Five seconds in which a share of the time is spent. */
function window(meter: ReturnType<typeof createEffortMeter>, share: number): string {
  for (let i = 0; i < 50; i++) {
    time += 100;
    meter.spend(100 * share);
  }
  return meter.effort;
}

test("more than a tenth of the time costs a step, and a recorder that is light again gets it back", () => {
  const meter = createEffortMeter(() => time);
  expect(window(meter, 0.09)).toBe("full");
  expect(window(meter, 0.15)).toBe("no_moves");
  expect(window(meter, 0.07)).toBe("no_moves");
  expect(window(meter, 0.15)).toBe("coarse");
  expect(window(meter, 0.01)).toBe("no_moves");
  expect(window(meter, 0.01)).toBe("full");
});

test("only a quarter of the time is worth a pause, which ends coarse", () => {
  const meter = createEffortMeter(() => time);
  window(meter, 0.15);
  window(meter, 0.15);
  expect(window(meter, 0.2)).toBe("coarse");
  expect(window(meter, 0.3)).toBe("paused");
  expect(window(meter, 0)).toBe("paused");
  meter.resume();
  expect(meter.effort).toBe("coarse");
});

test("a change is told once", () => {
  const meter = createEffortMeter(() => time);
  const told = Array.from({ length: 100 }, () => {
    time += 100;
    return meter.spend(15);
  });
  expect(told.filter(Boolean)).toHaveLength(2);
});
