import { For } from "solid-js";
import { AXIS } from "./lathe";

/** A plant above its pot: leaves from one root, the far ones darker. */
export function Leaves() {
  return (
    <For each={LEAVES}>
      {([degrees, length, colour]) => (
        <g transform={`translate(${AXIS} 132) rotate(${degrees})`}>
          <path d={leaf(length)} fill={colour} />
          <path
            d={`M0,0C2,${-length * 0.4} 1,${-length * 0.7} 0,${-length * 0.94}`}
            fill="none"
            stroke="#f4f7e6"
            stroke-width="1.2"
            opacity="0.4"
          />
        </g>
      )}
    </For>
  );
}

function leaf(length: number): string {
  return `M0,0C${length * 0.3},${-length * 0.3} ${length * 0.2},${-length * 0.8} 0,${-length}C${-length * 0.2},${-length * 0.8} ${-length * 0.3},${-length * 0.3} 0,0Z`;
}

const LEAVES = [
  [-62, 78, "#3f5a33"],
  [60, 82, "#3f5a33"],
  [-24, 106, "#4c6b3a"],
  [26, 108, "#4c6b3a"],
  [-44, 94, "#66874a"],
  [44, 92, "#66874a"],
  [1, 114, "#7c9d58"],
  [-12, 74, "#94b36b"],
  [16, 70, "#94b36b"],
] as const;
