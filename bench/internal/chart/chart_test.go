package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
)

func example() *Chart {
	return &Chart{
		Title: "Lifecycle callbacks=1", Description: "Time per operation over CPU counts.",
		X: Axis{Label: "CPUs", Ticks: []Tick{{1, "1"}, {2, "2"}, {4, "4*"}}, Log: true},
		Y: Axis{Label: "ns", Log: true},
		Series: []Series{
			{Name: "lockfree", Role: First, Points: []Point{{1, 32, 30, 39}, {2, 17, 16, 24}, {4, 18, 16, 24}}},
			{Name: "mutex", Role: First + 2, Points: []Point{{1, 80, 76, 84}, {2, 61, 60, 64}, {4, 99, math.Inf(-1), math.Inf(1)}}},
			{Name: "limit", Role: Limit, Form: Line, Points: []Point{{1, 8, 8, 8}, {2, 4, 4, 4}, {4, 4, 4, 4}}},
		},
	}
}

// wellFormed parses a drawing and returns the text in it.
func wellFormed(t *testing.T, svg string) string {
	t.Helper()
	var text strings.Builder
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("not well-formed: %v in\n%s", err, svg)
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text.Write(tok)
		case xml.StartElement:
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || tok.Name.Local == "script" {
					t.Errorf("<%s %s=%q>", tok.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
}

var hex = regexp.MustCompile(`#[0-9A-Fa-f]{6}`)

func TestInline(t *testing.T) {
	svg, err := example().Inline("c1")
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, svg)
	for _, want := range []string{
		`role="img"`, `aria-labelledby="c1-t c1-d"`, `<title id="c1-t">Lifecycle callbacks=1</title>`, "<desc id=\"c1-d\">Time per",
		"var(--chart-1)", "var(--chart-3)", "var(--chart-limit)", "var(--chart-ink)", "var(--chart-grid)", "'Liberation Sans'", "stroke-dasharray", ">4*<",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
	if m := hex.FindString(svg); m != "" {
		t.Errorf("a color that no page can change: %s in\n%s", m, svg)
	}
	for _, never := range []string{"NaN", "Inf", "Serif", "<?xml", "http"} {
		if strings.Contains(svg, never) {
			t.Errorf("%q in\n%s", never, svg)
		}
	}
}

func TestFile(t *testing.T) {
	both, err := example().File(nil)
	if err != nil {
		t.Fatal(err)
	}
	if text := wellFormed(t, both); !strings.Contains(text, "lockfree") || !strings.Contains(both, "prefers-color-scheme:dark") {
		t.Errorf("no legend or no themes in\n%s", both)
	}
	for _, theme := range []Theme{Light, Dark} {
		fixed, err := example().File(&theme)
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, fixed)
		if strings.Contains(fixed, "var(") || !strings.Contains(fixed, theme.colors[First]) || marks.MatchString(fixed) {
			t.Errorf("%s: not the theme's colors in\n%s", theme.Name, fixed)
		}
	}
	again, err := example().File(nil)
	if err != nil || again != both {
		t.Errorf("the same chart drawn twice differs, %v", err)
	}
}

func TestPNG(t *testing.T) {
	var b bytes.Buffer
	if err := example().PNG(&b, Light); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint32]bool{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, bl, _ := img.At(x, y).RGBA()
			seen[r>>8<<16|g>>8<<8|bl>>8] = true
		}
	}
	if !seen[0xffffff] || !seen[0x0a58b8] || seen[0x010214] {
		t.Errorf("%d colors, and not those of the theme", len(seen))
	}
}

// TestHostile: text that would be markup stays text.
func TestHostile(t *testing.T) {
	c := example()
	const evil = `</title></svg><script>alert(1)</script><img src=x onerror=alert(1)>"'&`
	c.Title, c.Description, c.X.Label, c.Y.Label, c.Series[0].Name = evil, evil, evil, evil, evil
	c.X.Ticks[0].Label = evil
	inline, err := c.Inline(`x" onload="alert(1)`)
	if err != nil {
		t.Fatal(err)
	}
	file, err := c.File(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, svg := range []string{inline, file} {
		if text := wellFormed(t, svg); !strings.Contains(text, evil) {
			t.Errorf("the title isn't what was given: %s", text)
		}
		if strings.Contains(svg, "<script") || strings.Contains(svg, "<img") {
			t.Errorf("markup in\n%s", svg)
		}
	}
}

// TestDegenerate: what can't be drawn is an error or left out, and never a panic.
func TestDegenerate(t *testing.T) {
	for name, c := range map[string]struct {
		points []Point
		log    bool
		want   error
	}{
		"none":          {nil, false, ErrEmpty},
		"not a number":  {[]Point{{1, math.NaN(), 1, 2}}, false, ErrEmpty},
		"zero on a log": {[]Point{{1, 0, 0, 0}}, true, ErrEmpty},
		"endless":       {[]Point{{1, math.Inf(1), 1, 2}}, false, ErrEmpty},
		"one":           {[]Point{{1, 5, 5, 5}}, false, nil},
		"one, log":      {[]Point{{1, 5, 4, 6}}, true, nil},
		"zero":          {[]Point{{1, 0, 0, 0}}, false, nil},
		"the same":      {[]Point{{1, 5, 5, 5}, {1, 5, 5, 5}}, true, nil},
		"interval at 0": {[]Point{{1, 5, 0, 9}, {2, 7, 6, 8}}, true, nil},
		"far apart":     {[]Point{{1, 1e-12, 0, 0}, {2, 1e12, 0, 0}}, true, nil},
		"beyond":        {[]Point{{1, 1e300, 1e299, 1e301}, {2, 1e-300, 0, 0}}, true, ErrEmpty},
		"a far end":     {[]Point{{1, 1e50, 1e-50, 2e50}, {2, 1, 1, 1}}, true, nil},
		"below zero":    {[]Point{{1, -5, -6, -4}, {2, 5, 4, 6}}, false, nil},
	} {
		for _, sideways := range []bool{false, true} {
			points := append([]Point(nil), c.points...)
			if sideways {
				for i := range points {
					points[i].X, points[i].Y = points[i].Y, points[i].X
				}
			}
			x := &Chart{Title: name, Sideways: sideways, Y: Axis{Log: c.log && !sideways}, X: Axis{Log: c.log && sideways},
				Series: []Series{{Name: "a", Role: First, Points: points}}}
			svg, err := x.Inline("i")
			if !errors.Is(err, c.want) {
				t.Errorf("%s, sideways %v: %v, want %v", name, sideways, err, c.want)
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s, sideways %v: not a number in\n%s", name, sideways, svg)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		log       bool
		want      string
	}{
		{0, 10.4, false, "0 5 10 "},
		{0, 0.9, false, "0 0.5 "},
		{0, 0, false, "0 "},
		{0.8, 1.4, true, "1 "},
		{1.2, 40, true, "2 5 10 20 "},
		{1, 1000, true, "1 10 100 1000 "},
		{3, 12, true, "3 5 10 "},
	} {
		got := ""
		for _, tick := range (Axis{Log: c.log}).ticks(c.low, c.high) {
			if tick.Label != "" {
				got += tick.Label + " "
			}
		}
		if got != c.want {
			t.Errorf("from %v to %v, log %v: %q, want %q", c.low, c.high, c.log, got, c.want)
		}
	}
}

// contrast is the ratio of WCAG 2.
func contrast(a, b string) float64 {
	light := func(s string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			x := float64(hexByte(s[1+2*i:])) / 255
			if x <= 0.04045 {
				x /= 12.92
			} else {
				x = math.Pow((x+0.055)/1.055, 2.4)
			}
			sum += weight * x
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func hexByte(s string) (n byte) {
	for _, c := range []byte(s[:2]) {
		n = n<<4 + map[bool]byte{true: c - '0', false: c - 'a' + 10}[c <= '9']
	}
	return n
}

func TestContrast(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		for r, c := range theme.colors {
			least := 4.5
			if Role(r) == Grid {
				least = 1.1
			}
			if got := contrast(c, theme.Ground); got < least {
				t.Errorf("%s: %s of %s has a contrast of %.2f, needs %v", theme.Name, c, Role(r).property(), got, least)
			}
		}
	}
	if got := contrast("#000000", "#ffffff"); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f", got)
	}
}

func TestRoles(t *testing.T) {
	roles := Roles([]string{"mutex", "rwmutex", "lockfree", "limit", "noop", "mutexmap", "zebra"})
	if roles["lockfree"] != First || roles["limit"] != Limit || roles["noop"] != Muted || roles["mutex"] != First+2 {
		t.Errorf("known ones: %v", roles)
	}
	seen := map[Role]string{}
	for n, r := range roles {
		if seen[r] != "" {
			t.Errorf("%s and %s share %v", n, seen[r], r)
		}
		seen[r] = n
	}
	var many []string
	for i := range 30 {
		many = append(many, string(rune('a'+i)))
	}
	for n, r := range Roles(many) {
		if r < First || r > last {
			t.Errorf("%s has %v", n, r)
		}
	}
}
