/** A cubic curve in the half plane right of the axis: two control points and an end, each `[radius, y]`. */
export type Curve = readonly [
  c1: readonly [number, number],
  c2: readonly [number, number],
  end: readonly [number, number],
];

/** The outline of a turned piece: from the rim down to the foot. */
export interface Profile {
  readonly rim: readonly [radius: number, y: number];
  readonly curves: readonly Curve[];
}

/** Where the axis of every piece is in its picture. */
export const AXIS = 120;
/** A circle seen from slightly above is this much flatter. */
export const TILT = 0.17;

/** The outline as SVG path data, both sides, closed by the near half of the foot and the far half of the rim. */
export function lathe({ rim, curves }: Profile): string {
  const [rimRadius, rimY] = rim;
  const points = [rim, ...curves.map((curve) => curve[2])];
  const right = curves.map(
    ([a, b, end]) => `C${at(a[0], a[1])} ${at(b[0], b[1])} ${at(end[0], end[1])}`,
  );
  const left = curves
    .map(([a, b], index) => {
      const [radius, y] = points[index] ?? rim;
      return `C${at(-b[0], b[1])} ${at(-a[0], a[1])} ${at(-radius, y)}`;
    })
    .reverse();
  const [footRadius, footY] = points.at(-1) ?? rim;
  return [
    `M${at(rimRadius, rimY)}`,
    ...right,
    arc(footRadius, at(-footRadius, footY), 1),
    ...left,
    arc(rimRadius, at(rimRadius, rimY), 1),
    "Z",
  ].join("");
}

function at(radius: number, y: number): string {
  return `${AXIS + radius},${y}`;
}

function arc(radius: number, to: string, sweep: 0 | 1): string {
  return `A${radius},${(radius * TILT).toFixed(1)} 0 0 ${sweep} ${to}`;
}
