/** A small sign for each category of operators, so that colour alone need not tell them apart. */
import type { Category } from '../../core/ops/spec';
import type { Surface } from './surface';
import type { Theme } from './theme';

/** Width and height of a sign, in CSS pixels at zoom 1. */
export const ICON_SIZE = 12;

type Draw = (line: (...points: number[]) => void, context: Surface, x: number, y: number) => void;

/** Lines through points `x, y, x, y, …` in a square of 12. */
const SIGNS: Readonly<Record<Category, Draw>> = {
  // A window that moves over a plane.
  convolution: (_, context, x, y) => {
    context.rect(x + 1, y + 1, 10, 10);
    context.rect(x + 3, y + 3, 4, 4);
  },
  // Everything with everything.
  dense: (line) => {
    line(2, 2, 10, 2);
    line(2, 10, 10, 10);
    line(2, 2, 10, 10);
    line(2, 10, 10, 2);
  },
  // A rectifier.
  activation: (line) => line(1, 9, 6, 9, 11, 2),
  // Many become few.
  pooling: (line) => line(1, 2, 11, 2, 7, 6, 7, 10, 5, 10, 5, 6, 1, 2),
  arithmetic: (line) => {
    line(6, 1, 6, 11);
    line(1, 6, 11, 6);
  },
  // The same cells in another order.
  shape: (_, context, x, y) => {
    context.rect(x + 1, y + 4, 10, 4);
    context.rect(x + 4, y + 1, 4, 10);
  },
  // A bell.
  normalization: (_, context, x, y) => {
    context.moveTo(x + 1, y + 10);
    context.bezierCurveTo(x + 5, y + 10, x + 4, y + 2, x + 6, y + 2);
    context.bezierCurveTo(x + 8, y + 2, x + 7, y + 10, x + 11, y + 10);
  },
  // Steps.
  quantization: (line) => line(1, 10, 4, 10, 4, 7, 7, 7, 7, 4, 10, 4, 10, 1),
  // A loop with an arrow.
  recurrent: (line, context, x, y) => {
    context.moveTo(x + 9, y + 9);
    context.bezierCurveTo(x + 4, y + 13, x - 1, y + 7, x + 3, y + 3);
    context.bezierCurveTo(x + 6, y, x + 10, y + 2, x + 10, y + 6);
    line(8, 4.5, 10, 6.5, 12, 4.5);
  },
  // A branch.
  control: (line) => {
    line(6, 1, 6, 5, 2, 11);
    line(6, 5, 10, 11);
  },
  other: (_, context, x, y) => context.roundRect(x + 2, y + 2, 8, 8, 4),
};

/** Draws the sign of a category with its upper left corner at x, y. */
export function paintIcon(context: Surface, category: Category, x: number, y: number, theme: Theme): void {
  context.beginPath();
  SIGNS[category](
    (...points) => {
      for (let i = 0; i + 1 < points.length; i += 2) {
        if (i === 0) context.moveTo(x + points[i]!, y + points[i + 1]!);
        else context.lineTo(x + points[i]!, y + points[i + 1]!);
      }
    },
    context,
    x,
    y,
  );
  context.lineWidth = 1.4;
  context.strokeStyle = theme.category[category];
  context.stroke();
}
