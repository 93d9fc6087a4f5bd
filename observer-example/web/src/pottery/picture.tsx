import { Piece, type PieceProps } from "./piece";

/** A piece in front of a wall in a breath of its own colour. */
export function Picture(props: PieceProps) {
  return (
    <div class={`picture air-${props.glaze}`}>
      <Piece form={props.form} glaze={props.glaze} />
    </div>
  );
}
