import { createUniqueId, For, type JSX, Show } from "solid-js";
import { FORMS, type Form, isOpen, type Shape } from "./forms";
import { GLAZES, type Glaze, type Palette } from "./glazes";
import { AXIS, lathe, TILT } from "./lathe";
import { Leaves } from "./leaves";

export interface PieceProps {
  readonly form: Form;
  readonly glaze: Glaze;
}

/** One piece of pottery in a square of 240: turned on the lathe, half dipped into its glaze. Decoration, so silent. */
export function Piece(props: PieceProps): JSX.Element {
  const id = createUniqueId();
  const shape = (): Shape => FORMS[props.form];
  const palette = (): Palette => GLAZES[props.glaze];
  const rim = () => shape().body.rim;
  const foot = () => shape().body.curves.at(-1)?.[2] ?? [40, 206];
  const glaze = `url(#${id}-glaze)`;

  return (
    <svg class="piece" viewBox="0 0 240 240" aria-hidden="true">
      <defs>
        <Turned id={`${id}-glaze`} of={[palette().light, palette().own, palette().shade]} />
        <Turned id={`${id}-clay`} of={palette().clay} />
        <linearGradient id={`${id}-inside`} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stop-color={palette().shade} />
          <stop offset="1" stop-color={palette().own} />
        </linearGradient>
        <radialGradient id={`${id}-ground`}>
          <stop offset="0" stop-color="#1c120a" stop-opacity="0.42" />
          <stop offset="0.55" stop-color="#1c120a" stop-opacity="0.18" />
          <stop offset="1" stop-color="#1c120a" stop-opacity="0" />
        </radialGradient>
        <clipPath id={`${id}-body`}>
          <path d={lathe(shape().body)} />
        </clipPath>
      </defs>

      <ellipse
        cx={AXIS + 10}
        cy={foot()[1] + 4}
        rx={foot()[0] + 52}
        ry="17"
        fill={`url(#${id}-ground)`}
      />
      <Show when={shape().leaves}>
        <Leaves />
      </Show>
      <Show when={shape().handle}>
        {(handle) => (
          <>
            <path
              d={handle().path}
              fill="none"
              stroke={palette().shade}
              stroke-width={handle().width + 2}
              stroke-linecap="round"
            />
            <path
              d={handle().path}
              fill="none"
              stroke={palette().own}
              stroke-width={handle().width - 4}
              stroke-linecap="round"
            />
          </>
        )}
      </Show>
      <Show when={shape().spout}>{(spout) => <path d={spout()} fill={glaze} />}</Show>

      <path d={lathe(shape().body)} fill={`url(#${id}-clay)`} />
      <g clip-path={`url(#${id}-body)`}>
        <Show
          when={shape().glazedTo}
          fallback={<rect x="0" y="0" width="240" height="240" fill={glaze} />}
        >
          {(end) => (
            <>
              <path d={dipped(end() + 3)} fill={palette().shade} opacity="0.35" />
              <path d={dipped(end())} fill={glaze} />
            </>
          )}
        </Show>
        <For each={SPECKLES}>
          {([x, y, r]) => <circle cx={x} cy={y} r={r} fill={palette().shade} opacity="0.34" />}
        </For>
        <ellipse
          cx={AXIS - foot()[0] * 0.62}
          cy={(rim()[1] + foot()[1]) / 2 - 6}
          rx="8"
          ry={(foot()[1] - rim()[1]) / 2 - 8}
          fill="#fff"
          opacity="0.15"
        />
      </g>

      <Show when={isOpen(shape())}>
        <ellipse
          cx={AXIS}
          cy={rim()[1]}
          rx={rim()[0]}
          ry={rim()[0] * TILT}
          fill={`url(#${id}-inside)`}
        />
        <ellipse
          cx={AXIS}
          cy={rim()[1]}
          rx={rim()[0]}
          ry={rim()[0] * TILT}
          fill="none"
          stroke={palette().light}
          stroke-width="2.4"
          opacity="0.85"
        />
      </Show>
      <Show when={shape().lid}>
        {(lid) => (
          <>
            <path d={lathe(lid())} fill={glaze} />
            <circle cx={AXIS} cy={lid().rim[1] - 4} r="8.5" fill={glaze} />
          </>
        )}
      </Show>
    </svg>
  );
}

/** Light from the left, around a body. */
function Turned(props: { readonly id: string; readonly of: readonly [string, string, string] }) {
  return (
    <linearGradient id={props.id}>
      <stop offset="0" stop-color={props.of[1]} />
      <stop offset="0.26" stop-color={props.of[0]} />
      <stop offset="0.58" stop-color={props.of[1]} />
      <stop offset="1" stop-color={props.of[2]} />
    </linearGradient>
  );
}

/** Everything above a line that the glaze ran over, unevenly. */
function dipped(y: number): string {
  return `M0,0H240V${y}C214,${y - 8} 196,${y + 9} 176,${y + 5}S146,${y - 7} 128,${y}S96,${y + 12} 78,${y + 4}S34,${y - 6} 0,${y + 3}Z`;
}

const SPECKLES = [
  [72, 96, 1.4],
  [88, 132, 1],
  [97, 84, 1.2],
  [104, 168, 1.5],
  [112, 118, 0.9],
  [121, 146, 1.3],
  [128, 92, 1],
  [134, 178, 1.1],
  [141, 126, 1.6],
  [150, 152, 1],
  [157, 108, 1.2],
  [163, 170, 1.4],
  [69, 150, 1.1],
  [82, 182, 1.2],
  [174, 136, 1],
] as const;
