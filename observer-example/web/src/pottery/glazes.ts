/** Colours of a piece: the glaze in light, in its own colour and in shade, and the bare clay below it. */
export interface Palette {
  readonly light: string;
  readonly own: string;
  readonly shade: string;
  readonly clay: readonly [light: string, own: string, shade: string];
}

const RED_CLAY = ["#d99f78", "#b9704a", "#7c4327"] as const;
const SAND = ["#ecd9bd", "#cfae86", "#937250"] as const;
const DARK_CLAY = ["#8d7a6c", "#5d4e45", "#372d28"] as const;

export const GLAZES = {
  dawn: { light: "#fbe3d6", own: "#e8b49c", shade: "#a8664e", clay: RED_CLAY },
  tide: { light: "#bfe0dc", own: "#5e9e9c", shade: "#27565a", clay: SAND },
  moss: { light: "#cfd8ab", own: "#87945a", shade: "#45502b", clay: RED_CLAY },
  ember: { light: "#f2a878", own: "#c4552d", shade: "#6d2414", clay: DARK_CLAY },
  dune: { light: "#fdf3df", own: "#e4cfa9", shade: "#a3845a", clay: SAND },
  night: { light: "#8d9cc9", own: "#35447a", shade: "#151c3c", clay: SAND },
  chalk: { light: "#ffffff", own: "#e9e4dc", shade: "#a39b91", clay: RED_CLAY },
  plum: { light: "#d9b1c4", own: "#8e4a69", shade: "#47203a", clay: DARK_CLAY },
} as const satisfies Record<string, Palette>;

export type Glaze = keyof typeof GLAZES;
