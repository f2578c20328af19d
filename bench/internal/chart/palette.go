package chart

import (
	"fmt"
	"image/color"
	"regexp"
	"slices"
	"strings"
)

// A Role is what a color stands for.
type Role uint8

// The roles. Those from First are for series.
const (
	Ink   Role = iota // text and axes
	Muted             // what measures the harness
	Grid
	Limit
	First
	last = First + 7
)

// mark is the color that stands for a role while a chart is drawn. No theme has it.
func (r Role) mark() color.Color { return color.RGBA{R: 1, G: 2, B: 0x10 + uint8(r), A: 255} }

// property is the role's custom property in CSS.
func (r Role) property() string {
	switch r {
	case Ink:
		return "--chart-ink"
	case Muted:
		return "--chart-muted"
	case Grid:
		return "--chart-grid"
	case Limit:
		return "--chart-limit"
	}
	return fmt.Sprintf("--chart-%d", r-First+1)
}

// CSS returns the value of the role in a page that Properties stand in.
func (r Role) CSS() string { return "var(" + r.property() + ")" }

// A Theme gives each role its color.
type Theme struct {
	Name   string
	Ground string // what the chart is drawn on
	colors [last + 1]string
}

// The two themes. Series have at least three times the contrast that is needed to be seen,
// text four and a half times; a test computes it.
var (
	Light = Theme{"light", "#ffffff", [...]string{
		"#1f2328", "#6b7280", "#e3e5e8", "#57606a",
		"#0a58b8", "#b35300", "#7d3bb0", "#18794e", "#b3261e", "#00707d", "#6d6400", "#a1286a",
	}}
	Dark = Theme{"dark", "#0f1215", [...]string{
		"#e3e6ea", "#9aa3ad", "#2b3138", "#b0b8c1",
		"#6fb3ff", "#f2a15c", "#cba2f7", "#63d19b", "#ff8f86", "#5fcfdc", "#d6cc63", "#f28cc0",
	}}
)

// Properties are the theme's colors as declarations of custom properties.
func (t Theme) Properties() string {
	var s strings.Builder
	for r := range t.colors {
		fmt.Fprintf(&s, "%s:%s;", Role(r).property(), t.colors[r])
	}
	return s.String()
}

// value is a role's color as gonum takes it.
func (t Theme) value(r Role) color.Color {
	var c color.RGBA
	_, _ = fmt.Sscanf(t.colors[r], "#%02x%02x%02x", &c.R, &c.G, &c.B)
	c.A = 255
	return c
}

var marks = regexp.MustCompile(`#0102(1[0-9A-F])`)

// resolve puts something in the place of each mark in a drawing.
func resolve(svg string, with func(Role) string) string {
	return marks.ReplaceAllStringFunc(svg, func(m string) string {
		var b uint8
		_, _ = fmt.Sscanf(m[5:], "%02X", &b)
		return with(Role(b - 0x10))
	})
}

// preferred are the roles of known implementations; what never stands in one table shares one.
var preferred = map[string]Role{
	"lockfree":  First,
	"mutexpool": First + 1, "mutexheap": First + 1,
	"mutex": First + 2, "mutexmap": First + 2,
	"channel": First + 3, "cond": First + 3,
	"context": First + 4, "implicit": First + 5, "heap": First + 6,
	"limit": Limit, "noop": Muted, "bare": Limit,
}

// Roles gives each name a role of its own, as long as there are some: a known one its usual role, so
// that an implementation looks the same in all charts.
func Roles(names []string) map[string]Role {
	roles := map[string]Role{}
	var taken []Role
	for _, n := range names {
		if r, ok := preferred[n]; ok && !slices.Contains(taken, r) {
			roles[n] = r
			taken = append(taken, r)
		}
	}
	next := First
	for _, n := range names {
		if _, ok := roles[n]; ok {
			continue
		}
		for i := First; i <= last && slices.Contains(taken, next); i++ {
			next = First + (next-First+1)%(last-First+1)
		}
		roles[n] = next
		taken = append(taken, next)
		next = First + (next-First+1)%(last-First+1)
	}
	return roles
}

func groundOf(t Theme) color.Color {
	var c color.RGBA
	_, _ = fmt.Sscanf(t.Ground, "#%02x%02x%02x", &c.R, &c.G, &c.B)
	c.A = 255
	return c
}
