// Package noise tells how far apart two medians of one row come out although nothing has
// changed: the floor below which a difference between two runs means nothing.
//
// # The statistic
//
// The samples of a row are dealt out at random into two halves, as if they were two runs of the
// same code, and the ratio of the halves' medians is kept. The floor is what 95 % of the ways to
// deal stay below: of all ways where there are few, else of two thousand drawn from a fixed seed, so
// that a file has one floor.
//
// # What it can and can't tell
//
// A half has half the samples, so its median wanders about 1.4 times as far as a whole run's. That
// is left in: it makes up for some of what differs between two runs and not within one. What no
// run sees of itself is a machine that changed after it, and code that the linker put
// elsewhere. Control rows show the first, the least difference that counts (see package verdict) stands
// for the second. A floor takes at least six samples: of five, the halves are pairs.
package noise

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Fewest samples that have a floor.
const Fewest = 6

// share of the ways to deal that stay below the floor.
const share = 0.95

// deals is how many ways are looked at where there are more.
const deals = 2000

// Of returns the floor of a row's samples as a share of their median: 0.03 is 3 %. ok is false
// with fewer than Fewest samples, and where a median is no positive number unless all
// samples are equal.
func Of(samples []float64) (floor float64, ok bool) {
	n := len(samples)
	if n < Fewest {
		return 0, false
	}
	if slices.Min(samples) == slices.Max(samples) {
		return 0, true
	}
	sorted := slices.Sorted(slices.Values(samples)) // so that halves are, too
	var apart []float64
	halves(n, func(first []int) {
		apart = append(apart, distance(sorted, first))
	})
	slices.Sort(apart)
	floor = math.Exp(apart[int(math.Ceil(share*float64(len(apart))))-1]) - 1
	return floor, !math.IsInf(floor, 0) && !math.IsNaN(floor)
}

// distance is the logarithm of the ratio of the medians of the two halves of sorted samples, without its sign.
func distance(sorted []float64, first []int) float64 {
	in := make([]bool, len(sorted))
	for _, i := range first {
		in[i] = true
	}
	a, b := make([]float64, 0, len(sorted)), make([]float64, 0, len(sorted))
	for i, x := range sorted {
		if in[i] {
			a = append(a, x)
		} else {
			b = append(b, x)
		}
	}
	x, y := median(a), median(b)
	switch {
	case x == y:
		return 0
	case x <= 0 || y <= 0:
		return math.Inf(1)
	}
	return math.Abs(math.Log(x / y))
}

func median(sorted []float64) float64 {
	m := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[m]
	}
	return (sorted[m-1] + sorted[m]) / 2
}

// halves calls deal with the indices of one half: each way where there are no more than deals,
// else that many drawn.
func halves(n int, deal func(first []int)) {
	half := n / 2
	if choose(n, half) <= deals {
		each(n, half, deal)
		return
	}
	r := rand.New(rand.NewPCG(uint64(n), 0))
	for range deals {
		deal(r.Perm(n)[:half])
	}
}

// each calls deal with each way to take k of 0..n-1, in rising order.
func each(n, k int, deal func([]int)) {
	taken := make([]int, 0, k)
	var from func(low int)
	from = func(low int) {
		if len(taken) == k {
			deal(taken)
			return
		}
		for i := low; i <= n-(k-len(taken)); i++ {
			taken = append(taken, i)
			from(i + 1)
			taken = taken[:len(taken)-1]
		}
	}
	from(0)
}

// choose returns how many ways there are to take k of n, or something above deals.
func choose(n, k int) int {
	ways := 1
	for i := range k {
		if ways = ways * (n - i) / (i + 1); ways > deals*n {
			return ways
		}
	}
	return ways
}
