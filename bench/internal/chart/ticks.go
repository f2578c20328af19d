package chart

import (
	"math"
	"strconv"
)

// ticks finds places for labels on an axis: 1, 2 and 5 times powers of ten.
func (a Axis) ticks(low, high float64) []Tick {
	if a.Ticks != nil {
		return a.Ticks
	}
	format := a.Format
	if format == nil {
		format = func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	}
	if a.Log {
		return logTicks(low, high, format)
	}
	step := niceStep((high - low) / 4)
	var list []Tick
	for i := math.Ceil(low / step); i*step <= high*(1+1e-9) && len(list) < 20; i++ {
		list = append(list, Tick{i * step, format(i * step)})
	}
	return list
}

// niceStep is the least of 1, 2, 5 times a power of ten that isn't smaller.
func niceStep(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= x*(1-1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// logTicks labels powers of ten; where they are few also twice and five times them.
func logTicks(low, high float64, format func(float64) string) []Tick {
	var list []Tick
	decades := math.Log10(high / low)
	every := max(1, int(math.Ceil(decades/6)))
	first := int(math.Floor(math.Log10(low)))
	for e := first; float64(e) <= math.Log10(high) && len(list) < 200; e++ {
		p := math.Pow(10, float64(e))
		for _, m := range []float64{1, 2, 3, 5} {
			x := m * p
			if x < low*(1-1e-9) || x > high*(1+1e-9) {
				continue
			}
			labeled := m == 1 && (e-first)%every == 0 || decades < 2.2 && m != 1 && m != 3 || decades < 0.7 && m == 3
			t := Tick{At: x}
			if labeled {
				t.Label = format(x)
			}
			list = append(list, t)
		}
	}
	return list
}
