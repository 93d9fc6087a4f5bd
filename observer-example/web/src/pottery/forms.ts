import type { Profile } from "./lathe";

/** What is drawn of a form besides its turned body. */
export interface Shape {
  readonly body: Profile;
  /** Where the glaze ends, or undefined when the piece was dipped whole. */
  readonly glazedTo?: number;
  /** Behind the body: handles, spouts. Stroked in the colour of the glaze. */
  readonly handle?: { readonly path: string; readonly width: number };
  /** Behind the body, filled. */
  readonly spout?: string;
  /** A lid: its own turned piece, and a knob. */
  readonly lid?: Profile;
  readonly leaves?: true;
}

/** Lids and plants close the mouth. */
export function isOpen(shape: Shape): boolean {
  return shape.lid === undefined;
}

export const FORMS = {
  vase: {
    body: {
      rim: [27, 46],
      curves: [
        [
          [25, 54],
          [17, 60],
          [18, 74],
        ],
        [
          [20, 98],
          [64, 100],
          [63, 136],
        ],
        [
          [62, 168],
          [40, 186],
          [35, 206],
        ],
      ],
    },
    glazedTo: 150,
  },
  bottle: {
    body: {
      rim: [14, 34],
      curves: [
        [
          [13, 40],
          [9, 42],
          [10, 52],
        ],
        [
          [11, 100],
          [50, 100],
          [51, 146],
        ],
        [
          [52, 180],
          [46, 196],
          [42, 206],
        ],
      ],
    },
    glazedTo: 178,
  },
  bowl: {
    body: {
      rim: [84, 112],
      curves: [
        [
          [82, 152],
          [58, 186],
          [34, 192],
        ],
        [
          [33, 196],
          [33, 202],
          [34, 206],
        ],
      ],
    },
    glazedTo: 164,
  },
  mug: {
    body: {
      rim: [47, 92],
      curves: [
        [
          [45, 120],
          [52, 150],
          [51, 172],
        ],
        [
          [50, 192],
          [44, 202],
          [40, 206],
        ],
      ],
    },
    glazedTo: 168,
    handle: { path: "M164,112C206,100 214,176 166,174", width: 13 },
  },
  teapot: {
    body: {
      rim: [34, 104],
      curves: [
        [
          [62, 108],
          [74, 132],
          [73, 152],
        ],
        [
          [72, 182],
          [50, 200],
          [40, 206],
        ],
      ],
    },
    lid: {
      rim: [7, 78],
      curves: [
        [
          [5, 86],
          [12, 88],
          [20, 91],
        ],
        [
          [30, 95],
          [34, 100],
          [35, 105],
        ],
      ],
    },
    glazedTo: 176,
    handle: { path: "M182,124C224,104 226,182 186,176", width: 11 },
    spout: "M60,170C34,166 40,126 18,112L30,104C52,112 56,134 68,136Z",
  },
  pitcher: {
    body: {
      rim: [35, 62],
      curves: [
        [
          [30, 82],
          [29, 92],
          [32, 104],
        ],
        [
          [37, 124],
          [58, 134],
          [58, 164],
        ],
        [
          [58, 188],
          [44, 202],
          [40, 206],
        ],
      ],
    },
    glazedTo: 158,
    handle: { path: "M150,76C200,56 214,150 172,160", width: 11 },
    spout: "M92,92C86,78 74,66 66,58C78,52 92,54 100,58Z",
  },
  dish: {
    body: {
      rim: [98, 166],
      curves: [
        [
          [92, 186],
          [66, 196],
          [44, 200],
        ],
        [
          [43, 202],
          [43, 205],
          [44, 206],
        ],
      ],
    },
  },
  planter: {
    body: {
      rim: [56, 130],
      curves: [
        [
          [56, 150],
          [50, 184],
          [42, 206],
        ],
      ],
    },
    glazedTo: 172,
    leaves: true,
  },
} as const satisfies Record<string, Shape>;

export type Form = keyof typeof FORMS;
