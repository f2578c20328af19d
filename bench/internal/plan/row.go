// Package plan decides what is measured in which order: rows, processor counts, rounds.
package plan

import (
	"regexp"
	"strings"
)

// A Row is the name of one sub-benchmark as the suite spells it, without the number of
// processors: "BenchmarkLifecycle/callbacks=1/impl=mutex". Its last key is impl.
type Row string

// Impl returns the implementation that the row measures, "" where none is named.
func (r Row) Impl() string {
	_, impl, _ := strings.Cut(string(r), "/impl=")
	return impl
}

// Pattern returns the -test.bench pattern that this row alone matches.
func (r Row) Pattern() string {
	parts := strings.Split(string(r), "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// An Item is what one process measures: a row on so many processors.
type Item struct {
	Row  Row
	CPUs int
}
