// Package scaling tells what more processors bring: the speed-up of each row and implementation against the number of
// processors, and the Universal Scalability Law where there are enough of them to fit it.
//
// # Speed-up
//
// A row shares its operations out among as many goroutines as it is given processors, and its number is wall time per
// operation of all together. So its throughput X(n) is one by that, its speed-up X(n)/X(1), the ideal n, its efficiency the
// speed-up by n. Rows that have a number of goroutines of their own don't scale in this sense and are left out.
//
// # The law
//
//	X(n) = λn / (1 + σ(n-1) + κn(n-1))
//
// λ is the throughput of one processor, σ the contention (the part of the work that only one can do at a time: with κ = 0
// this is Amdahl's law), κ the coherency (what each pair of processors costs to agree). With κ > 0 throughput has a peak at
// sqrt((1-σ)/κ) processors. Source: N. J. Gunther, "Guerrilla Capacity Planning", Springer 2007, chapters 4 to 6.
//
// Times the denominator, the law is linear in 1/λ, σ/λ and κ/λ:
//
//	n/X(n) = 1/λ + σ/λ (n-1) + κ/λ n(n-1)
//
// It is fitted by least squares of relative errors of n/X, one point per number of processors, the median of its samples.
// σ and κ are at least 0: where the least squares want less, the one or the other is 0, whichever fits better; the problem is
// convex, and all four cases are tried. Fewer than four numbers of processors give no fit: three parameters go through three
// points, whatever these are. Neither do points with more goroutines than processors.
//
// The intervals are of a bootstrap: the samples of each point are drawn again with replacement, from a fixed seed, a
// thousand times, and fitted; they hold the middle 95 % of the results. They tell how sure the parameters are if the
// law holds. Misfit tells how far it doesn't.
package scaling

import "errors"

// Errors: why there is no curve. Test with errors.Is.
var (
	// ErrFew: fewer than four numbers of processors.
	ErrFew = errors.New("too few CPU counts for a fit")
	// ErrValue: no samples, or one that isn't a positive number; less than one processor, or one number twice.
	ErrValue = errors.New("not a measurement")
	// ErrFlat: the same throughput everywhere, so that there is nothing that scales.
	ErrFlat = errors.New("the same throughput on any number of CPUs")
	// ErrRetrograde: one processor alone is the fastest, which the law cannot describe with a contention below 1.
	ErrRetrograde = errors.New("more CPUs are slower from the first on")
	// ErrMisfit: the best curve is far from the points.
	ErrMisfit = errors.New("the law doesn't describe these points")
	// ErrNoBase: nothing on one processor, so no speed-up.
	ErrNoBase = errors.New("no samples on 1 CPU")
	// ErrMachine: nobody knows from where on there are more goroutines than processors.
	ErrMachine = errors.New("unknown number of CPUs of the machine")
)
