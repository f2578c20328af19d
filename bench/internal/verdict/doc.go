// Package verdict compares two runs and says what can be said: slower, faster, no difference
// found, or that it can't be told.
//
// # A difference
//
// A row differs when three things hold together. Its p-value by the Mann-Whitney U test, corrected by
// Holm's method for all the rows that were compared, is below Alpha. The medians are further apart than the
// row's noise floor (package noise), the larger of the two runs'. And they are at least Least
// apart. So of comparisons of equal runs at most one in twenty reports anything at all, however
// many rows they have; in fact far fewer do, since chance has to meet all three.
//
// Rows whose samples are equal throughout, as allocations mostly are, could not have
// differed by chance: they aren't counted when p is corrected.
//
// # What can't be told
//
// Six samples have p = 0.002 at the least. Among a hundred rows that is no evidence, so the row
// says "can't tell" instead of "no difference found": with eight samples three hundred rows can
// be judged, with ten four thousand.
//
// Control rows (the harness alone, the bare atomics) hold no code that is under
// test. When they moved, the machine moved: the rows of a benchmark can't be told where all its controls on
// that many processors moved the same way, and no row can when the unit did, or the controls taken
// together. A control has moved when its medians are Least apart and beyond its floor at p < 0.01, this time without
// correction: it is a warning that mustn't be missed, not a finding.
//
// # What is judged
//
// Time per operation, allocations, memory per fence, collections, the median and the 99th percentile of latencies,
// and throughput under load. Farther percentiles are shown by other tables; ten runs of one process each can't judge
// them. Long rows, which a full run takes fewer samples of, are named and not judged.
package verdict

// Alpha bounds the chance that a comparison of equal runs reports any difference.
const Alpha = 0.05

// Least is the smallest difference that counts, as a share of the old median.
const Least = 0.05

// alphaControl is the p below which a control row has moved.
const alphaControl = 0.01

const confidence = 0.95
