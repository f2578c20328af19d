// Package chart draws measurements: medians with their intervals over a quantity or a list of
// names, a limit as a line, and text that a screen reader can say. gonum/plot does the drawing.
//
// A chart is drawn in colors that stand for roles (ink, grid, the first series) and that no
// drawing is meant to keep. For a page they become custom properties of CSS, so that the page
// decides; for a file of its own the values of a Theme, or both themes with the reader's
// preference. Series differ in shape as well as in color.
//
// All text goes through an escape; a name from a file cannot become markup.
package chart

import "errors"

// ErrEmpty: a chart without a point that could be drawn. Test with errors.Is.
var ErrEmpty = errors.New("nothing to draw")
