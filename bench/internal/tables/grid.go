package tables

import (
	"strings"
	"unicode/utf8"
)

// An align says to which side the cells of a column go.
type align int

const (
	right align = iota
	left
)

// A band is a group of columns under one heading, between vertical rules.
type band struct {
	heading string
	aligns  []align
	cells   [][]string // by line; fewer than aligns, or nil, leave the rest blank
}

// widths returns what each column takes. The heading may widen the last.
func (b *band) widths() []int {
	w := make([]int, len(b.aligns))
	for _, line := range b.cells {
		for i, s := range line {
			w[i] = max(w[i], utf8.RuneCountInString(s))
		}
	}
	if short := utf8.RuneCountInString(b.heading) - span(w); short > 0 {
		w[len(w)-1] += short
	}
	return w
}

// span is the width of columns with their gaps.
func span(widths []int) int {
	n := -1
	for _, w := range widths {
		n += w + 1
	}
	return n
}

func (b *band) width() int { return span(b.widths()) }

// line writes one line of the band, padded to its width.
func (b *band) line(out *strings.Builder, i int, widths []int) {
	for j, w := range widths {
		s := ""
		if j < len(b.cells[i]) {
			s = b.cells[i][j]
		}
		if j > 0 {
			out.WriteByte(' ')
		}
		pad(out, s, w, b.aligns[j])
	}
}

func pad(out *strings.Builder, s string, width int, a align) {
	blank := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if a == right {
		out.WriteString(blank + s)
	} else {
		out.WriteString(s + blank)
	}
}

const rule = " │ "

// print writes bands side by side: their headings, then their lines.
func print(out *strings.Builder, bands []*band) {
	var all [][]int
	for _, b := range bands {
		all = append(all, b.widths())
	}
	for i := -1; i < len(bands[0].cells); i++ {
		var l strings.Builder
		for j, b := range bands {
			if j > 0 {
				l.WriteString(rule)
			}
			if i < 0 {
				pad(&l, b.heading, span(all[j]), left)
			} else {
				b.line(&l, i, all[j])
			}
		}
		out.WriteString("  " + strings.TrimRight(l.String(), " │") + "\n")
	}
}

// fold prints the fixed bands and as many of the others as fit, again and again until
// all are printed.
func fold(out *strings.Builder, fixed, others []*band) {
	for first := true; first || len(others) > 0; first = false {
		line := append([]*band(nil), fixed...)
		used := 2
		for _, b := range fixed {
			used += b.width() + len(" | ")
		}
		for len(others) > 0 && (len(line) == len(fixed) || used+others[0].width() <= width) {
			used += others[0].width() + len(" | ")
			line, others = append(line, others[0]), others[1:]
		}
		if !first {
			out.WriteByte('\n')
		}
		print(out, line)
	}
}
